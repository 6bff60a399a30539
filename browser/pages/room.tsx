// `/r/<room>#<key>`: the lobby, then the call, then whether everything is safe; one address for all three.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { secure } from "../record/devices.ts";
import { Api, wordsOf } from "./api.ts";
import { CallPage } from "./call/call.tsx";
import { Visit } from "./call/visit.ts";
import { Failure } from "./failure.tsx";
import { useFetched } from "./fetched.ts";
import { Frame } from "./frame.tsx";
import { linkKey } from "./key.ts";
import { useLoaded } from "./loaded.ts";
import { Elsewhere } from "./lobby/elsewhere.tsx";
import { Leftovers } from "./lobby/leftovers.tsx";
import { type Entry, Lobby } from "./lobby/lobby.tsx";
import { recallName } from "./name.ts";
import { Safe } from "./safe/safe.tsx";
import { SafeStatus } from "./safe/status.tsx";
import { findUnsent } from "./uploads.ts";
import { t } from "./words.ts";

/** How often the lobby looks who is there. */
const lookMs = 4000;

export function Room(props: { id: string }) {
  const key = linkKey();
  if (!key) return <WrongLink />;
  if (!secure()) {
    return (
      <Frame>
        <WithoutSecurity />
      </Frame>
    );
  }
  return <OpenRoom id={props.id} linkKey={key} />;
}

/** Fetched only by those who need it. */
function WithoutSecurity() {
  const Shown = useFetched(true, async () => (await import("./lobby/insecure.tsx")).Insecure, ["insecure"]);
  return Shown && <Shown />;
}

function OpenRoom(props: { id: string; linkKey: string }) {
  const visit = useSignal<Visit | null>(null);
  const left = useSignal(false);
  const join = (entry: Entry) => {
    left.value = false;
    visit.value = new Visit({ room: props.id, key: props.linkKey, ...entry });
  };
  const leave = async () => {
    left.value = true;
    await visit.value?.leave();
  };
  const rejoin = () => {
    visit.value = null;
    void findUnsent();
  };
  const here = visit.value;
  if (!here) return <Door id={props.id} linkKey={props.linkKey} onJoin={join} />;
  // Sent out by the host's leave, not by a fault: like leaving oneself.
  const ended = here.view.value.refusal?.code === "ended";
  if (here.view.value.state === "refused" && !ended) return <Refused visit={here} onRejoin={rejoin} />;
  if (left.value || ended) {
    return (
      <Frame>
        <Safe visit={here} onRejoin={rejoin} />
      </Frame>
    );
  }
  return <CallPage visit={here} onLeave={() => void leave()} />;
}

/** The lobby, with what the server tells about the room. */
function Door(props: { id: string; linkKey: string; onJoin: (entry: Entry) => void }) {
  const api = useMemo(() => new Api(props.linkKey), [props.linkKey]);
  const { value, failure } = useLoaded(
    () => api.room(props.id),
    () => lookMs,
  );
  const room = value.value;
  useEffect(() => void recallName(props.id), [props.id]);
  useEffect(() => {
    document.title = `${room?.name ?? t("call:call")} · Doubletake`;
  }, [room?.name]);
  const code = failure.value?.code;
  if (!room && (code === "not-found" || code === "not-allowed" || code === "bad-request")) {
    return <WrongLink meanwhile={failure.value?.message} />;
  }
  return (
    <Frame>
      <Elsewhere room={props.id} />
      <Leftovers room={props.id} />
      <Lobby id={props.id} api={api} room={room} trouble={failure.value?.message ?? null} onJoin={props.onJoin} />
    </Frame>
  );
}

/** Fetched only by those who have one. `meanwhile`: the server's sentence. */
function WrongLink(props: { meanwhile?: string }) {
  const Shown = useFetched(true, async () => (await import("./lobby/wronglink.tsx")).WrongLink, ["refused"]);
  return <Frame>{Shown ? <Shown /> : <p>{props.meanwhile}</p>}</Frame>;
}

/** The server ended this stay for good; what was recorded is still being sent. Why is fetched only by those whom it happens to, who read the sentence at
 * once; but an older page cannot fetch a part of itself any more. */
function Refused(props: { visit: Visit; onRejoin: () => void }) {
  const { visit } = props;
  const { refusal } = visit.view.value;
  useEffect(() => void visit.leave(), [visit]);
  const old = refusal?.code === "wrong-version" ? refusal : null;
  const Shown = useFetched(!old, async () => (await import("./lobby/turnedaway.tsx")).TurnedAway, ["refused"]);
  if (refusal?.code === "not-found") return <WrongLink meanwhile={wordsOf(refusal)} />;
  if (old) {
    return (
      <Frame>
        <Failure
          title={t("lobby:old.title")}
          actions={
            <button type="button" class="button primary" onClick={() => window.location.reload()}>
              {t("lobby:old.reload")}
            </button>
          }
        >
          <p>{wordsOf(old)}</p>
          {visit.uploads.value.length > 0 && <SafeStatus uploads={visit.uploads.value} />}
        </Failure>
      </Frame>
    );
  }
  return <Frame>{Shown ? <Shown {...props} /> : <p>{refusal && wordsOf(refusal)}</p>}</Frame>;
}
