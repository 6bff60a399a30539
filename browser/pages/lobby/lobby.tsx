// Before the call: see yourself, choose devices, say who you are and whether you may be recorded. Joining hands the open stream on.
import { useSignal } from "@preact/signals";
import { Eye, Info, VideoOff } from "lucide-preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Room } from "../../../protocol/api.ts";
import { name as rememberedName, rememberName } from "../name.ts";
import { Picture } from "../picture.tsx";
import "./lobby.css";
import { Keeping } from "./keeping.tsx";
import { Meter } from "./meter.tsx";
import { SetupPickers } from "./pickers.tsx";
import { Setup } from "./setup.ts";
import { Trouble } from "./trouble.tsx";

export interface Entry {
  name: string;
  consent: boolean;
  stream: MediaStream | null;
}

/** `room` null: not known yet, or the server cannot be asked just now. */
export function Lobby(props: { room: Room | null; trouble: string | null; onJoin: (entry: Entry) => void }) {
  const setup = useMemo(() => new Setup(), []);
  const observer = props.room?.role === "observer";
  useEffect(() => () => setup.close(), [setup]);
  useEffect(() => {
    if (observer) setup.close();
    else void setup.open();
  }, [setup, observer]);
  return (
    <div class={observer ? "lobby narrow" : "lobby"}>
      {!observer && <Preview setup={setup} />}
      <section class="lobby-choices">
        <div>
          <h1>{props.room ? props.room.name : "Joining the call"}</h1>
          <Who room={props.room} />
        </div>
        {props.trouble && (
          <div class="notice warn">
            <Info size={20} aria-hidden="true" />
            <p>{props.trouble}</p>
          </div>
        )}
        {!observer && <Keeping />}
        <Form setup={setup} observer={observer} onJoin={props.onJoin} />
      </section>
    </div>
  );
}

function Preview({ setup }: { setup: Setup }) {
  const stream = setup.stream.value;
  const hasPicture = (stream?.getVideoTracks().length ?? 0) > 0;
  return (
    <section class="preview" aria-label="How you look">
      <div class="preview-frame">
        <Picture stream={stream} muted mirrored label="Preview" />
        {!hasPicture && (
          <p class="preview-empty">
            {setup.opening.value ? (
              "Waiting for your camera. Your browser may ask for permission."
            ) : (
              <>
                <VideoOff size={20} aria-hidden="true" />
                {stream ? "No picture. The others will hear you." : "Neither camera nor microphone is on."}
              </>
            )}
          </p>
        )}
      </div>
      <Meter track={stream?.getAudioTracks()[0] ?? null} />
      <Trouble setup={setup} leaveOut />
    </section>
  );
}

function Who({ room }: { room: Room | null }) {
  if (!room) return <p class="soft">Check how you look and sound first.</p>;
  const names = room.participants.map((participant) => participant.name);
  const here = names.length === 0 ? "Nobody is here yet." : `Here now: ${names.join(", ")}.`;
  return (
    <>
      <p class="soft">{here}</p>
      {room.recording && (
        <p class="chip rec">
          <span class="dot" aria-hidden="true" />
          This call is being recorded
        </p>
      )}
    </>
  );
}

function Form(props: { setup: Setup; observer: boolean; onJoin: (entry: Entry) => void }) {
  const name = useSignal(rememberedName.value);
  const consent = useSignal(false);
  const nameless = useSignal(false);
  const joining = useSignal(false);
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
    if (joining.value) return;
    if (!name.value.trim()) {
      nameless.value = true;
      field.current?.focus();
      return;
    }
    joining.value = true;
    rememberName(name.value);
    const stream = props.observer ? null : await props.setup.handOver();
    props.onJoin({ name: rememberedName.value, consent: consent.value && !props.observer, stream });
  };
  return (
    <form class="lobby-form" onSubmit={join} noValidate>
      {!props.observer && <SetupPickers setup={props.setup} />}
      <div class="field">
        <label for="your-name">Your name</label>
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
            Tell the others your name first.
          </p>
        )}
      </div>
      <div class="join">
        {props.observer ? (
          <div class="notice">
            <Eye size={20} aria-hidden="true" />
            <p>You join as an observer: you see and hear everybody, and you are never recorded.</p>
          </div>
        ) : (
          <Consent given={consent.value} onChange={(given) => (consent.value = given)} />
        )}
        <button type="submit" class="button primary wide" aria-busy={joining.value}>
          Join
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
      <label for="consent">I agree to be recorded</label>
      <p id="consent-words" class="small soft">
        {props.given
          ? "While the host records, your camera and microphone are recorded on this device and sent to this server."
          : "Without this tick you take part in the call, and nothing of you is recorded."}
      </p>
    </div>
  );
}
