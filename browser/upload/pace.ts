// How large a frame may be on this link. Promise: acks keep coming about every second or faster, so that silence means a dead link
// and not a slow one: at 200 kbit/s a whole chunk of 330 kB would take longer than silence is allowed to last.

const leastBytes = 16 * 1024;
const firstBytes = 64 * 1024;
const mostBytes = 1024 * 1024;
const fastMs = 500;
const slowMs = 2000;

export class Pace {
  bytes = firstBytes;
  /** Offset after each frame under way, its size with all that was sent along, and when it was sent. */
  #underWay: { offset: number; bytes: number; sentMs: number }[] = [];

  /** Frames sent on an earlier socket count no more. Where some of them never were acked, the link broke under them: the next are smaller than
   * any is at first, or one that takes longer than silence may last would be sent for ever. */
  restart(): void {
    if (this.#underWay.length > 0) this.bytes = Math.max(leastBytes, Math.min(firstBytes, this.bytes) / 2);
    this.#underWay = [];
  }

  /** Bytes sent and not acked. */
  get underWay(): number {
    return this.#underWay.reduce((sum, frame) => sum + frame.bytes, 0);
  }

  sent(offset: number, bytes: number, atMs: number): void {
    this.#underWay.push({ offset, bytes, sentMs: atMs });
  }

  /** Answers how much this ack covers, with all that was sent along, and how long the last frame of it was under way, ms; null: it covers none of ours. */
  acked(offset: number, atMs: number): { bytes: number; tookMs: number } | null {
    const covered = this.#underWay.filter((frame) => frame.offset <= offset);
    const last = covered.at(-1);
    if (!last) return null;
    this.#underWay = this.#underWay.filter((frame) => frame.offset > offset);
    const tookMs = atMs - last.sentMs;
    // A frame that something else kept small says nothing of larger ones.
    if (tookMs < fastMs && last.bytes >= Math.min(firstBytes, this.bytes) / 2) this.bytes = Math.min(mostBytes, this.bytes * 2);
    else if (tookMs > slowMs) this.bytes = Math.max(leastBytes, this.bytes / 2);
    return { bytes: covered.reduce((sum, frame) => sum + frame.bytes, 0), tookMs };
  }
}
