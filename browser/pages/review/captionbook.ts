// What was said, in writing, as it is now: read once and again whenever the server tells of a change; which line is being said at a moment.
// Promise: a failed look takes nothing away; whether captions are shown over the film is remembered on this device.
import { computed, signal } from "@preact/signals";
import type { Caption, CaptionList, EditCaption } from "../../../protocol/captions.ts";
import { sentence } from "../api.ts";
import { isOn, turn } from "../remembered.ts";
import type { ReviewApi } from "./door.ts";

const slot = "doubletake.captions";
/** While the server's own model listens, how it stands is asked for so often. */
const hearingMs = 3000;

export class CaptionBook {
  readonly list = signal<CaptionList | null>(null);
  readonly lines = computed<readonly Caption[]>(() => this.list.value?.items ?? []);
  readonly failure = signal<string | null>(null);
  /** Over the film. */
  readonly shows = signal(isOn(slot));
  #reading: Promise<void> | null = null;
  #unread = false;
  #timer: number | undefined;
  #closed = false;

  constructor(
    readonly recordingId: string,
    readonly api: ReviewApi,
  ) {}

  /** Called while it is being read, it is read once more. */
  read(): Promise<void> {
    this.#unread = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    window.clearTimeout(this.#timer);
    while (this.#unread) {
      this.#unread = false;
      try {
        this.list.value = await this.api.captions(this.recordingId);
        this.failure.value = null;
      } catch (error) {
        this.failure.value = sentence(error);
      }
    }
    if (!this.#closed && this.list.value?.hearings.some(({ state }) => state !== "failed"))
      this.#timer = window.setTimeout(() => void this.read(), hearingMs);
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
  }

  toggle(): void {
    if (this.lines.value.length === 0) return;
    this.shows.value = !this.shows.value;
    turn(slot, this.shows.value);
  }

  async edit(id: string, edit: EditCaption): Promise<void> {
    const edited = await this.api.editCaption(id, edit);
    const list = this.list.value;
    if (list) this.list.value = { ...list, items: inOrder(list.items.map((one) => (one.id === id ? edited : one))) };
  }

  async remove(id: string): Promise<void> {
    await this.api.deleteCaption(id);
    const list = this.list.value;
    if (list) this.list.value = { ...list, items: list.items.filter((one) => one.id !== id) };
  }
}

/** As they were typed, in seconds. Null: one of them is no time. */
export function spanIn({ from, to }: { from: string; to: string }): { fromMs: number; toMs: number } | null {
  if (!/\d/.test(from) || !/\d/.test(to)) return null;
  const [fromMs, toMs] = [Math.round(Number(from) * 1000), Math.round(Number(to) * 1000)];
  return fromMs >= 0 && toMs >= 0 ? { fromMs, toMs } : null;
}

/** Those in which these words were said, also over the end of a line; all of them where no words are sought. */
export function linesWith(lines: readonly Caption[], sought: string, kept: (line: Caption) => boolean): Caption[] {
  const word = plain(sought).trim();
  return word ? lines.filter((line) => kept(line) || plain(line.body).includes(word)) : [...lines];
}

function plain(text: string): string {
  return text.normalize("NFKC").replace(/\s+/g, " ").toLocaleLowerCase();
}

function inOrder(lines: readonly Caption[]): Caption[] {
  return lines.toSorted((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1));
}

/** Longer than this before the moment, a line that is still being said is not looked for. */
const longestLines = 40;
/** More at once would cover the film. */
const mostAtOnce = 3;

/** `lines` by their beginnings. Those that are being said at the moment, in their order; the latest ones where there are too many. */
export function linesAt(lines: readonly Caption[], atMs: number): Caption[] {
  const last = lastBefore(lines, atMs);
  const here = lines.slice(Math.max(0, last + 1 - longestLines), last + 1).filter(({ toMs }) => toMs > atMs);
  return here.slice(-mostAtOnce);
}

/** The line that was begun last, whether or not it has ended; null: none yet. */
export function lineOf(lines: readonly Caption[], atMs: number): Caption | null {
  return lines[lastBefore(lines, atMs)] ?? null;
}

function lastBefore(lines: readonly Caption[], atMs: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.fromMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
