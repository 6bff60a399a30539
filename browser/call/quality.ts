// How large and how fine a picture is sent to one other participant: no larger than they show it, no more than the way takes. Pure.
import type { Link } from "./link.ts";

export interface Encoding {
  scaleResolutionDownBy: number;
  /** Bits per second. */
  maxBitrate: number;
}

/** Few steps, so that a window that is dragged does not make a new key frame with every pixel. */
const scales = [8, 6, 4, 3, 2, 1.5, 1] as const;
/** A picture may be this much lower than the place it is shown in: nobody sees it. */
const tolerance = 0.9;
/** VP8 at 30 pictures a second; talking heads need no more. */
const bitsPerPixel = 2.4;
const leastBps = 80_000;
const mostBps = 2_500_000;
/** Not shown, or in a hidden page: enough that it is there at once when it is wanted. */
const unseenPx = 90;

/** `captured`: pixels. `shownPx`: its height where it is shown, 0 for not at all; null: they have not said. `steps`: how many scales smaller than
 * that the way forces it to be. */
export function encodingOf(captured: { width: number; height: number }, shownPx: number | null, steps: number): Encoding {
  const wantedPx = shownPx === null ? captured.height : Math.max(unseenPx, shownPx);
  const fits = scales.findIndex((scale) => captured.height / scale >= wantedPx * tolerance);
  const at = fits === -1 ? scales.length - 1 : fits;
  const scale = scales[Math.max(0, at - steps)] ?? 1;
  const pixels = (captured.width * captured.height) / scale ** 2;
  return { scaleResolutionDownBy: scale, maxBitrate: Math.round(Math.min(mostBps, Math.max(leastBps, pixels * bitsPerPixel))) };
}

/** So many looks in a row make it smaller, and so many larger again: a way that only just suffices must not swing. */
const worseLooks = 3;
const betterLooks = 8;
const mostSteps = 4;
/** Beyond what any camera loses on its own. */
const badLoss = 0.1;

/** How many scales smaller than wanted the way to one participant makes it. */
export class Steps {
  steps = 0;
  #worse = 0;
  #better = 0;

  /** Called at every look; true when `steps` changed. */
  look({ limited, loss }: Pick<Link, "limited" | "loss">): boolean {
    const bad = limited || loss > badLoss;
    this.#worse = bad ? this.#worse + 1 : 0;
    this.#better = bad ? 0 : this.#better + 1;
    const before = this.steps;
    if (this.#worse >= worseLooks) this.steps = Math.min(mostSteps, before + 1);
    else if (this.#better >= betterLooks) this.steps = Math.max(0, before - 1);
    if (this.#worse >= worseLooks) this.#worse = 0;
    if (this.#better >= betterLooks) this.#better = 0;
    return this.steps !== before;
  }
}
