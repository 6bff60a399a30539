// Bytes that were pushed and not yet understood, with their place in the segment. One copy per byte however small the pushes are.

export class Pending {
  #store = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #offset = 0;

  /** Offset in the segment of the first byte of `view`. */
  get offset(): number {
    return this.#offset;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  /** Valid until the next `append`. */
  get view(): Buffer {
    return this.#store.subarray(this.#from, this.#to);
  }

  append(bytes: Uint8Array): void {
    const length = this.length;
    if (this.#to + bytes.length > this.#store.length) {
      const wanted = length + bytes.length;
      const roomy = wanted * 2 <= this.#store.length;
      const store = roomy ? this.#store : Buffer.allocUnsafe(Math.max(4096, length > 0 ? wanted * 2 : wanted));
      this.#store.copy(store, 0, this.#from, this.#to);
      this.#store = store;
      this.#from = 0;
      this.#to = length;
    }
    this.#store.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Understood (or given up): never looked at again. */
  drop(count: number): void {
    this.#from += count;
    this.#offset += count;
    if (this.#from === this.#to) {
      this.#from = 0;
      this.#to = 0;
      // A large element has gone by; an idle segment shall not hold on to its memory.
      if (this.#store.length > 1 << 20) this.#store = Buffer.alloc(0);
    }
  }
}
