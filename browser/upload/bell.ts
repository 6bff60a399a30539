// Wakes the one loop that waits for it. Promise: a ring while nobody waits is heard by the next who does.

export class Bell {
  #rung = false;
  #waiting: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
  }

  async next(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      this.#waiting = null;
    }
    this.#rung = false;
  }

  /** This long, or until a ring after which `over` is true. */
  async pause(ms: number, over: () => boolean): Promise<void> {
    let elapsed = false;
    const timer = setTimeout(() => {
      elapsed = true;
      this.ring();
    }, ms);
    try {
      while (!elapsed && !over()) await this.next();
    } finally {
      clearTimeout(timer);
    }
  }
}
