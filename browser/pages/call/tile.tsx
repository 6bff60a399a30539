// One participant on the stage: the picture, the name, whether they can be heard. Names are text, nothing else.
import { MicOff, MonitorUp } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { Picture } from "../picture.tsx";

export interface TileProps {
  name: string;
  stream: MediaStream | null;
  microphone: boolean;
  camera: boolean;
  /** What is special just now, in words. */
  state: string | null;
  own?: boolean;
  children?: ComponentChildren;
}

export function Tile(props: TileProps) {
  const { name, stream, microphone, camera, state, own } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a participant is a group by contract, and no form field
    <div class="tile" role="group" aria-label={name}>
      <Picture stream={stream} muted={own ?? false} mirrored={own ?? false} />
      {!camera && (
        <p class="faceless" aria-hidden="true">
          <span>{initials(name)}</span>
        </p>
      )}
      <div class="tile-words">
        <span class="tile-name">{name}</span>
        {!microphone && (
          <span class="tile-muted">
            <MicOff size={16} aria-hidden="true" />
            <span class="unseen">microphone off</span>
          </span>
        )}
        {!camera && <span class="unseen">camera off</span>}
        {state && <span class="tile-state">{state}</span>}
      </div>
      {props.children}
    </div>
  );
}

export function ScreenTile(props: { name: string; stream: MediaStream | null; mine?: boolean }) {
  return (
    <figure class="tile screen" aria-label={props.name}>
      <Picture stream={props.stream} muted={props.mine ?? false} whole />
      <div class="tile-words">
        <MonitorUp size={16} aria-hidden="true" />
        <span class="tile-name">{props.name}</span>
      </div>
    </figure>
  );
}

/** At most two letters, by code point. */
function initials(name: string): string {
  const words = name
    .replace(/ \(you\)$/, "")
    .trim()
    .split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
