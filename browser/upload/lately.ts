// The shortest, or the most, of the last minutes. Pure; time is a parameter.
// Promise: what is older than four minutes counts no more, and what is younger than three always does.

/** Of so many spans one figure each is kept, each span as long as this, ms (RFC 6817, 4.3: base history). A way that changed for good is believed after all
 * of them; one span alone would be filled by the upload's own queue, and take it for the way. */
const spanMs = 60_000;
const spans = 4;

export class Lately {
  #kept: { figure: number; fromMs: number }[] = [];

  /** `better`: of two figures, the one that is looked for. */
  constructor(readonly better: (one: number, other: number) => number) {}

  add(figure: number, nowMs: number): void {
    const last = this.#kept.at(-1);
    if (last && nowMs - last.fromMs < spanMs) last.figure = this.better(last.figure, figure);
    else this.#kept = [...this.#kept, { figure, fromMs: nowMs }].slice(-spans);
  }

  /** 0: nothing is known. */
  get figure(): number {
    const [first, ...rest] = this.#kept.map(({ figure }) => figure);
    return first === undefined ? 0 : rest.reduce((one, other) => this.better(one, other), first);
  }
}
