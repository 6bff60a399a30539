// Before the call: see yourself, choose devices, say who you are and whether you may be recorded. Joining hands the open stream on.
import { useSignal } from "@preact/signals";
import { Eye, Info, VideoOff } from "lucide-preact";
import type { ComponentType } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Room } from "../../../protocol/api.ts";
import { warm } from "../../call/reach.ts";
import type { Api } from "../api.ts";
import { useFetched } from "../fetched.ts";
import { name as rememberedName, rememberName } from "../name.ts";
import { Picture } from "../picture.tsx";
import { loadWords, t } from "../words.ts";
import type { Checks } from "./checks.tsx";
import "./lobby.css";
import { Meter } from "./meter.tsx";
import { SetupPickers } from "./pickers.tsx";
import { Setup } from "./setup.ts";

export interface Entry {
  name: string;
  consent: boolean;
  stream: MediaStream | null;
}

interface LobbyProps {
  id: string;
  api: Api;
  /** Null: not known yet, or the server cannot be asked just now. */
  room: Room | null;
  trouble: string | null;
  onJoin: (entry: Entry) => void;
}

export function Lobby(props: LobbyProps) {
  const setup = useMemo(() => new Setup(), []);
  const observer = props.room?.role === "observer";
  useEffect(() => () => setup.close(), [setup]);
  useEffect(() => {
    if (observer) setup.close();
    else void setup.open();
  }, [setup, observer]);
  return (
    <div class={observer ? "lobby narrow" : "lobby"}>
      {!observer && <Preview {...props} setup={setup} />}
      <section class="lobby-choices">
        <div>
          <h1>{props.room ? props.room.name : t("lobby:title")}</h1>
          <Who room={props.room} />
        </div>
        {props.trouble && (
          <div class="notice warn">
            <Info size={20} aria-hidden="true" />
            <p>{props.trouble}</p>
          </div>
        )}
        <Form setup={setup} observer={observer} whispers={props.room?.rules.keepWhispers} onJoin={props.onJoin} />
      </section>
    </div>
  );
}

/** A voice, or a room with a fan in it, is above this; hiss alone is not. Of 1, which is full scale, 60 dB up. */
const heardFrom = 0.25;
/** Nobody is silent for so long in front of a bar that should move. */
const silentMs = 8000;

function Preview({ setup, api, id }: LobbyProps & { setup: Setup }) {
  const stream = setup.stream.value;
  const hasPicture = (stream?.getVideoTracks().length ?? 0) > 0;
  const microphone = stream?.getAudioTracks()[0] ?? null;
  const hears = useHearing(microphone);
  return (
    <section class="preview" aria-label={t("lobby:preview.region")}>
      <div class="preview-frame">
        <Picture stream={stream} muted mirrored label={t("lobby:preview.label")} />
        {!hasPicture && (
          <p class="preview-empty">
            {setup.opening.value ? (
              t("lobby:preview.waiting")
            ) : (
              <>
                <VideoOff size={20} aria-hidden="true" />
                {stream?.active ? t("lobby:preview.soundOnly") : t("lobby:preview.nothing")}
              </>
            )}
          </p>
        )}
      </div>
      <Meter track={microphone} onLevel={hears.look} />
      <Troubles setup={setup} />
      {stream?.active && <TestClip stream={stream} />}
      <Checklist setup={setup} api={api} room={id} hears={hears.verdict} details={`/check/${id}${window.location.hash}`} />
    </section>
  );
}

/** Whether this microphone gave a sound; null: not known yet, or the browser does not measure. */
function useHearing(track: MediaStreamTrack | null) {
  const verdict = useSignal<boolean | null>(null);
  const sinceMs = useRef<number | null>(null);
  useEffect(() => {
    verdict.value = null;
    sinceMs.current = null;
  }, [track, verdict]);
  const look = (level: number) => {
    sinceMs.current ??= performance.now();
    if (level >= heardFrom) verdict.value = true;
    else if (verdict.value === null && performance.now() - sinceMs.current > silentMs) verdict.value = false;
  };
  return { verdict: verdict.value, look };
}

/** Fetched when there is some; until then, and where that fails, the sentence stands alone. */
function Troubles({ setup }: { setup: Setup }) {
  const problem = setup.problem.value;
  const Loaded = useFetched(problem !== null, async () => (await import("./trouble.tsx")).Trouble, ["asides"]);
  if (Loaded) return <Loaded setup={setup} leaveOut />;
  return problem && <p class="notice warn">{problem.message}</p>;
}

/** Fetched after the devices are open: nobody waits for a tick before they see themselves. */
function Checklist(props: Parameters<typeof Checks>[0]) {
  const Loaded = useFetched(!props.setup.opening.value, async () => (await import("./checks.tsx")).Checks, ["checks"]);
  return Loaded ? <Loaded {...props} /> : <section class="checks checks-coming" aria-label={t("lobby:checks")} />;
}

/** What records and plays the clip is fetched when it is asked for. */
function TestClip({ stream }: { stream: MediaStream }) {
  const Clip = useSignal<ComponentType<{ stream: MediaStream; onClose: () => void }> | null>(null);
  const open = async () => {
    const [{ default: loaded }] = await Promise.all([import("./clip.tsx"), loadWords(["clip"])]);
    Clip.value = loaded;
  };
  if (Clip.value) {
    const Loaded = Clip.value;
    return <Loaded stream={stream} onClose={() => (Clip.value = null)} />;
  }
  return (
    <button type="button" class="button" onClick={() => void open()}>
      {t("lobby:clip.start")}
    </button>
  );
}

function Who({ room }: { room: Room | null }) {
  if (!room) return <p class="soft">{t("lobby:look")}</p>;
  const names = room.participants.map((participant) => participant.name);
  const hostless = room.role !== "host" && !room.participants.some((participant) => participant.role === "host");
  return (
    <>
      <p class="soft">{names.length === 0 ? t("lobby:nobody") : t("lobby:here", { names: names.join(", ") })}</p>
      {hostless && <p class="soft">{t("lobby:hostless")}</p>}
      {room.recording && (
        <p class="chip rec">
          <span class="dot" aria-hidden="true" />
          {t("lobby:recorded")}
        </p>
      )}
    </>
  );
}

function Form(props: { setup: Setup; observer: boolean; whispers: boolean | undefined; onJoin: (entry: Entry) => void }) {
  const name = useSignal(rememberedName.value);
  const consent = useSignal(false);
  const nameless = useSignal(false);
  const joined = useRef(false);
  const waiting = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(
    () =>
      rememberedName.subscribe((known) => {
        if (name.peek() === "") name.value = known;
      }),
    [name],
  );
  const join = async (event: Event) => {
    event.preventDefault();
    if (joined.current) return;
    if (!name.value.trim()) {
      nameless.value = true;
      field.current?.focus();
      return;
    }
    joined.current = true;
    waiting.value = props.setup.opening.value;
    rememberName(name.value);
    if (!props.observer) await props.setup.settled();
    // From here on at once: nothing is drawn before the call was asked for.
    const stream = props.observer ? null : props.setup.handOver();
    props.onJoin({ name: rememberedName.value, consent: consent.value && !props.observer, stream });
  };
  return (
    <form class="lobby-form" onSubmit={join} onPointerOver={warm} onFocusIn={warm} onInput={warm} noValidate>
      {!props.observer && <SetupPickers setup={props.setup} />}
      <div class="field">
        <label for="your-name">{t("lobby:name.label")}</label>
        <input
          id="your-name"
          ref={field}
          type="text"
          autocomplete="name"
          maxLength={80}
          value={name.value}
          aria-invalid={nameless.value}
          aria-describedby={nameless.value ? "nameless" : undefined}
          onInput={(event) => {
            name.value = event.currentTarget.value;
            nameless.value = false;
          }}
        />
        {nameless.value && (
          <p id="nameless" class="small field-error" role="alert">
            {t("lobby:name.missing")}
          </p>
        )}
      </div>
      <div class="join">
        {props.observer ? (
          <div class="notice">
            <Eye size={20} aria-hidden="true" />
            <p>{t("lobby:observer")}</p>
          </div>
        ) : (
          <Consent given={consent.value} onChange={(given) => (consent.value = given)} />
        )}
        {props.whispers && <p class="small soft">{t("lobby:consent.whispers")}</p>}
        <button type="submit" class="button primary wide" aria-busy={waiting.value}>
          {t("lobby:join")}
        </button>
      </div>
    </form>
  );
}

function Consent(props: { given: boolean; onChange: (given: boolean) => void }) {
  return (
    <div class="check">
      <input
        id="consent"
        type="checkbox"
        checked={props.given}
        aria-describedby="consent-words"
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for="consent">{t("lobby:consent.label")}</label>
      <p id="consent-words" class="small soft">
        {props.given ? t("lobby:consent.given") : t("lobby:consent.without")}
      </p>
    </div>
  );
}
