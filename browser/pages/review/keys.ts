// What keys mean while something in the player has the focus. Only there: a single letter elsewhere on the page is left to what is there.
import type { Playback } from "./playback.ts";

const step = 5_000;
const stride = 15_000;

/** What the player does beside playing. */
export interface FilmActs {
  fullScreen: () => void;
  /** 0: the film; 1 and up: a person. */
  person: (number: number) => void;
  captions: () => void;
}

/** True when the key meant something here. Buttons, the menus and the volume keep their own keys. */
export function handleKey(event: KeyboardEvent, playback: Playback, acts: FilmActs): boolean {
  // Some keyboards have brackets on the third level only.
  if ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph")) return false;
  if (event.metaKey) return false;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.tagName === "SELECT") return false;
  if (target?.classList.contains("film-volume-slider") && event.key.startsWith("Arrow")) return false;
  const wide = event.shiftKey ? stride : step;
  const meanings: Record<string, () => void> = {
    arrowleft: () => playback.skip(-wide),
    arrowright: () => playback.skip(wide),
    j: () => playback.skip(-stride),
    l: () => playback.skip(stride),
    k: () => playback.toggle(),
    ",": () => playback.step(-1),
    ".": () => playback.step(1),
    "[": () => playback.changeSpeed(-1),
    "]": () => playback.changeSpeed(1),
    m: () => playback.toggleMuted(),
    f: acts.fullScreen,
    t: acts.captions,
    ...Object.fromEntries(Array.from({ length: 10 }, (_, number) => [String(number), () => acts.person(number)])),
    home: () => playback.seek(0),
    end: () => (playback.edgeMs.value === null ? playback.seek(playback.lengthMs.value ?? 0) : playback.goLive()),
    " ": () => playback.toggle(),
  };
  if (event.key === " " && target?.tagName === "BUTTON") return false;
  const meaning = meanings[event.key.toLowerCase()];
  meaning?.();
  return meaning !== undefined;
}
