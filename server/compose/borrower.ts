// One film's hold on the pool: a process is borrowed when there is an order, kept for a few in a row, and given back when others wait.
// Promise: a process that died or hung is given back at once, and its next turn is that of a troubled one.
import type { Done } from "./order.ts";
import type { Loan, Pool, Standing } from "./pool.ts";
import { Death, type Task } from "./worker.ts";

export interface BorrowerOptions {
  pool: Pool;
  recordingId: string;
  /** How urgent it is, as long as nothing is amiss. */
  usual: () => Standing;
  /** Something in it is suspected of ending processes. */
  troubled: () => boolean;
  /** The files of the windows that are there, from the first on. */
  composed: () => readonly string[];
}

export class Borrower {
  readonly #options: BorrowerOptions;
  #loan: Loan | null = null;
  /** Its last order ended with the process. */
  #died = false;
  /** The process that was told which windows there are. */
  #told: number | null = null;

  constructor(options: BorrowerOptions) {
    this.#options = options;
  }

  /** Waits its turn. Throws as `Worker.send`. */
  async send(task: Task): Promise<Done> {
    const { pool, recordingId } = this.#options;
    try {
      this.#loan ??= await pool.borrow(recordingId, () => this.#standing());
      if (!this.#loan) throw new Error("the recording is not composed any more");
      const { pid } = this.#loan;
      const done = await this.#loan.send(task.type === "render" ? { ...task, earlier: this.#earlier(pid) } : task);
      if (task.type === "render") this.#told = pid;
      this.#died = false;
      return done;
    } catch (error) {
      this.#died = error instanceof Death;
      // What may hang again waits for its turn again.
      if (this.#died) this.giveBack();
      throw error;
    }
  }

  /** Whether an order that nobody needs yet would take nothing from anybody. */
  get free(): boolean {
    return this.#loan ? !this.#loan.over : this.#options.pool.free(this.#options.recordingId);
  }

  /** For somebody else whose turn it is. */
  makeWay(): void {
    if (this.#loan?.over) this.giveBack();
  }

  giveBack(): void {
    this.#loan?.giveBack();
    this.#loan = null;
  }

  /** Nothing more is to be done for now: the process ends. */
  async leave(): Promise<void> {
    this.giveBack();
    await this.#options.pool.leave(this.#options.recordingId);
  }

  #standing(): Standing {
    return this.#died || this.#options.troubled() ? "troubled" : this.#options.usual();
  }

  /** Windows that its process has not composed: told once, and looked at by and by, so that there is nothing left to look at when the recording stops. */
  #earlier(pid: number | null): string[] {
    return pid !== null && pid === this.#told ? [] : [...this.#options.composed()];
  }
}
