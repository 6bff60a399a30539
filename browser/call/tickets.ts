// Asking the server for the right to upload to a track. Promise: a question is asked again on every new socket until it is answered,
// and asking twice gives the same answer.
import type { CallDown, CallUp } from "../../protocol/call.ts";
import { UserError, type UserErrorCode } from "../../protocol/errors.ts";
import type { Plate } from "../../protocol/plate.ts";
import type { TrackSource } from "../../protocol/recording.ts";

export interface TrackTicket {
  recording: string;
  track: string;
  token: string;
}

interface Question {
  recording: string;
  source: TrackSource;
  answer: Promise<TrackTicket>;
  resolve(ticket: TrackTicket): void;
  reject(error: UserError): void;
}

/** The refusals that answer a `track` message; others were meant for Record or Stop. */
const answers: readonly UserErrorCode[] = ["not-allowed", "not-recording", "not-found", "gone"];

export class Tickets {
  #open: Question[] = [];

  /** `plate`: my name as this browser draws it, for the film. */
  constructor(
    readonly send: (message: CallUp) => void,
    readonly plate: () => Plate | null = () => null,
  ) {}

  ask(recording: string, source: TrackSource): Promise<TrackTicket> {
    const asked = this.#open.find((one) => one.recording === recording && one.source === source);
    if (asked) return asked.answer;
    let settle: Pick<Question, "resolve" | "reject"> | null = null;
    const answer = new Promise<TrackTicket>((resolve, reject) => {
      settle = { resolve, reject };
    });
    if (settle) this.#open.push({ recording, source, answer, ...(settle as Pick<Question, "resolve" | "reject">) });
    this.#say(recording, source);
    return answer;
  }

  askAgain(): void {
    for (const { recording, source } of this.#open) this.#say(recording, source);
  }

  #say(recording: string, source: TrackSource): void {
    const plate = this.plate();
    this.send({ type: "track", recording, source, ...(plate ? { plate } : {}) });
  }

  take({ recording, source, track, token }: CallDown & { type: "track" }): void {
    const asked = this.#open.filter((one) => one.recording === recording && one.source === source);
    this.#open = this.#open.filter((one) => !asked.includes(one));
    for (const one of asked) one.resolve({ recording, track, token });
  }

  refuse(code: UserErrorCode, message: string): void {
    if (!answers.includes(code)) return;
    const asked = this.#open;
    this.#open = [];
    for (const one of asked) one.reject(new UserError(code, message));
  }
}
