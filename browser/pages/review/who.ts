// Who somebody says they are: a name, and which of the people on the film that is. Promise: what is shown of it is what is sent.
import { computed, type Signal, signal } from "@preact/signals";
import type { Recording } from "../../../protocol/api.ts";
import { name, rememberName } from "../name.ts";

export interface Person {
  id: string;
  name: string;
}

/** Everybody on the film, each once. */
export function peopleOn({ tracks }: Pick<Recording, "tracks">): Person[] {
  return [...new Map(tracks.map(({ participant: { id, name: called } }) => [id, { id, name: called }])).values()];
}

export class Who {
  readonly author: Signal<string>;
  /** Which of them they chose; "": none. Null: nothing chosen yet. */
  readonly self: Signal<string | null>;
  /** Which of them is shown: chosen, or else the only one of that name, where the name is from another time in this browser. "": none. */
  readonly shown = computed(() => this.self.value ?? this.#likely());
  /** There is a name. */
  readonly named = computed(() => this.author.value.trim() !== "");
  readonly #remembered: boolean;

  constructor(
    readonly people: Signal<readonly Person[]> = signal([]),
    author = name.value,
    self: string | null = null,
  ) {
    this.author = signal(author);
    this.self = signal(self);
    this.#remembered = author !== "";
  }

  #likely(): string {
    const called = this.author.value.trim();
    const [only, another] = this.#remembered ? this.people.value.filter(({ name: one }) => one === called) : [];
    return only && !another ? only.id : "";
  }

  /** As what is shown; nothing without a name. */
  async say(take: (name: string, participantId: string | null) => Promise<unknown>): Promise<void> {
    if (!this.named.value) return;
    const called = this.author.value.trim();
    rememberName(called);
    await take(called, this.shown.value || null);
  }
}
