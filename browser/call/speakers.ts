// Who is speaking, from how loud everybody is. Promise: nobody's frame flickers: it lights up at once, and stays through the pause between two words.

/** 0 … 1 as browsers count it (RFC 6465); quieter is breathing and fans. */
const loud = 0.02;
const holdMs = 1200;

/** Who has the large place: whoever has spoken longest and still speaks. When all are silent it stays with the last one. Oneself never has it. */
export function leadOf(before: string | null, speaking: ReadonlySet<string>, me: string | undefined): string | null {
  if (before !== null && speaking.has(before)) return before;
  for (const id of speaking) if (id !== me) return id;
  return before;
}

export class Speakers {
  readonly #lastMs = new Map<string, number>();
  #speaking: ReadonlySet<string> = new Set();

  /** The same set as before while nothing changed. */
  look(levels: ReadonlyMap<string, number>, nowMs: number): ReadonlySet<string> {
    for (const [id, level] of levels) if (level >= loud) this.#lastMs.set(id, nowMs);
    const now = [...this.#lastMs].filter(([id, lastMs]) => levels.has(id) && nowMs - lastMs <= holdMs).map(([id]) => id);
    for (const id of this.#lastMs.keys()) if (!levels.has(id)) this.#lastMs.delete(id);
    const same = now.length === this.#speaking.size && now.every((id) => this.#speaking.has(id));
    if (!same) this.#speaking = new Set(now);
    return this.#speaking;
  }
}
