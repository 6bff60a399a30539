// Before the call: that this browser has another tab in it. Silent when it has not.
import { useSignal } from "@preact/signals";
import { Copy } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { namesElsewhere } from "../../call/identity.ts";
import { t } from "../words.ts";

const lookMs = 2000;

export function Elsewhere(props: { room: string }) {
  const names = useSignal<string[]>([]);
  useEffect(() => {
    const look = () => void namesElsewhere(props.room).then((found) => (names.value = found));
    look();
    const timer = setInterval(look, lookMs);
    return () => clearInterval(timer);
  }, [props.room, names]);
  const [name] = names.value;
  if (name === undefined) return null;
  return (
    <aside class="notice" aria-label={t("lobby:elsewhere.label")}>
      <Copy size={20} aria-hidden="true" />
      <p role="status">{t("lobby:elsewhere.words", { names: names.value.join(", "), name })}</p>
    </aside>
  );
}
