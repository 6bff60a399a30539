// One participant on the stage: the picture, the name, whether they can be heard. Names are text, nothing else.
import { Hand, MicOff, MonitorUp } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Picture } from "../picture.tsx";
import { t } from "../words.ts";

export interface TileProps {
  name: string;
  stream: MediaStream | null;
  microphone: boolean;
  camera: boolean;
  /** What is special just now, in words. */
  state: string | null;
  speaking?: boolean;
  hand?: boolean;
  large?: boolean;
  own?: boolean;
  /** How high the picture is drawn, in device pixels. */
  onSize?: (px: number) => void;
  children?: ComponentChildren;
}

export function Tile(props: TileProps) {
  const { name, stream, microphone, camera, state, own } = props;
  const tile = useSize(props.onSize);
  const look = `tile${props.speaking ? " speaking" : ""}${props.large ? " large" : ""}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a participant is a group by contract, and no form field
    <div ref={tile} class={look} role="group" aria-label={name}>
      {/* Whoever is shown as muted is not heard, whatever their page sends. */}
      <Picture stream={stream} muted={own || !microphone} mirrored={own ?? false} />
      {!camera && (
        <p class="faceless" aria-hidden="true">
          <span>{initials(name)}</span>
        </p>
      )}
      <div class="tile-words">
        <span class="tile-name">{name}</span>
        {props.hand && (
          <span class="tile-hand">
            <Hand size={16} aria-hidden="true" />
            <span class="unseen">{t("call:hand.up")}</span>
          </span>
        )}
        {!microphone && (
          <span class="tile-muted">
            <MicOff size={16} aria-hidden="true" />
            <span class="unseen">{t("call:tile.muted")}</span>
          </span>
        )}
        {!camera && <span class="unseen">{t("call:tile.dark")}</span>}
        {props.speaking && <span class="unseen">{t("call:tile.speaking")}</span>}
        {state && <span class="tile-state">{state}</span>}
      </div>
      {props.children}
    </div>
  );
}

export function ScreenTile(props: { name: string; stream: MediaStream | null; mine?: boolean; onSize?: (px: number) => void }) {
  const tile = useSize(props.onSize);
  return (
    <figure ref={tile} class="tile screen" aria-label={props.name}>
      <Picture stream={props.stream} muted={props.mine ?? false} whole />
      <div class="tile-words">
        <MonitorUp size={16} aria-hidden="true" />
        <span class="tile-name">{props.name}</span>
      </div>
    </figure>
  );
}

/** The picture fills its place: what counts is the longer way, at 16 : 9. */
function useSize(tell: ((px: number) => void) | undefined) {
  const element = useRef<HTMLElement>(null);
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      latest.current?.(Math.round(Math.max(height, (width * 9) / 16) * window.devicePixelRatio));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return element as never;
}

/** At most two letters, by code point. */
function initials(name: string): string {
  const words = name
    .replace(/ \([^)]*\)$/, "")
    .trim()
    .split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
