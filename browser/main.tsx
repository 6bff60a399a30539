// Picks the page by its path and loads only that one. Promise: an admin key in the address is kept and leaves the address bar at once.
import "../protocol/jitless.ts";
import { type ComponentType, render } from "preact";
import { lacking } from "./pages/able.ts";
import { keepAdminKey } from "./pages/key.ts";
import { language, loadWords, type Namespace, t } from "./pages/words.ts";
import "./pages/tokens.css";
import "./pages/base.css";
import "./pages/controls.css";
import "./pages/surfaces.css";
import "./pages/frame.css";

type Load = () => Promise<ComponentType<{ id: string }>>;

/** Loaded only now, never imported above: nothing that parses may be evaluated before `jitless`. */
const pages: [RegExp, Namespace[], Load][] = [
  [/^\/$/, ["home", "copy", "play", "state"], async () => (await import("./pages/home/home.tsx")).Home],
  [/^\/solo\/?$/, ["solo", "lobby", "asides", "insecure", "call", "safe"], async () => (await import("./pages/solo/solo.tsx")).Solo],
  [/^\/r\/([\w-]+)\/?$/, ["lobby", "call", "safe"], async () => (await import("./pages/room.tsx")).Room],
  [/^\/check(?:\/([\w-]+))?\/?$/, ["check", "checks", "lobby", "asides"], async () => (await import("./pages/check/check.tsx")).Check],
  [/^\/upload\/?$/, ["upload", "safe"], async () => (await import("./pages/upload/upload.tsx")).Upload],
  [/^\/v\/([\w-]+)\/?$/, ["review", "feedback", "copy", "play", "state"], async () => (await import("./pages/review/review.tsx")).Review],
];
const missing: Load = async () => (await import("./pages/missing.tsx")).Missing;

/** English has the server's own sentences. What only a drawer of the call can be told comes with the drawers. */
const refusals = (path: string): Namespace[] => (language() === "en" ? [] : path.startsWith("/r/") ? ["errors"] : ["errors", "refusals"]);

async function show(root: HTMLElement): Promise<void> {
  keepAdminKey();
  if (window.location.hash.includes("&as=")) (await import("./pages/lobby/handover.ts")).takeOver();
  // Another key in the fragment is another way in: start over with it.
  window.addEventListener("hashchange", () => window.location.reload());
  const path = window.location.pathname;
  const found = pages.find(([pattern]) => pattern.test(path));
  const old = found ? lacking() : [];
  try {
    if (old.length > 0) {
      await loadWords(["instead"]);
      return render(<Old missing={old} />, root);
    }
    const [Page] = await Promise.all([(found?.[2] ?? missing)(), loadWords([...refusals(path), ...(found?.[1] ?? ["instead" as const])])]);
    render(<Page id={found?.[0].exec(path)?.[1] ?? ""} />, root);
  } catch (error) {
    console.error(error);
    render(<Unreachable />, root);
  }
}

/** Better than a page that fails at the press of Join. */
function Old({ missing }: { missing: string[] }) {
  return (
    <main class="failure">
      <h1>{t("instead:old.title")}</h1>
      <p>{t("instead:old.words", { missing: missing.join(", ") })}</p>
    </main>
  );
}

function Unreachable() {
  return (
    <main class="failure">
      <h1>{t("unreachable.title", { defaultValue: "This page could not be loaded" })}</h1>
      <p>{t("unreachable.words", { defaultValue: "The server did not answer just now. Nothing that was recorded is lost." })}</p>
      <button type="button" class="button primary" onClick={() => window.location.reload()}>
        {t("unreachable.again", { defaultValue: "Try again" })}
      </button>
    </main>
  );
}

const root = document.getElementById("page");
if (root) void show(root);
