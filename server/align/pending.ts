// Bytes that were pushed and not yet understood, with their place in the segment. Only what a push leaves over is copied, and once per byte
// however small the pushes are: most chunks end where an element ends, and are read where they lie.

/** More than this is not kept for the next left-over: an idle segment shall not hold on to memory. */
const keptBytes = 64 * 1024;

export class Pending {
  #store = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #offset = 0;
  /** Pushed, and nothing before it was left over: lent by the caller until `drop`. */
  #lent: Buffer | null = null;

  /** Offset in the segment of the first byte of `view`. */
  get offset(): number {
    return this.#offset;
  }

  get length(): number {
    return this.#lent?.length ?? this.#to - this.#from;
  }

  /** Valid until the next `append` or `drop`. */
  get view(): Buffer {
    return this.#lent ?? this.#store.subarray(this.#from, this.#to);
  }

  /** `drop` is to be called before `bytes` is used for anything else. */
  append(bytes: Uint8Array): void {
    if (this.length === 0) this.#lent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    else {
      this.#own();
      this.#copy(bytes);
    }
  }

  /** Understood (or given up): never looked at again. */
  drop(count: number): void {
    this.#offset += count;
    if (this.#lent) this.#lent = this.#lent.subarray(count);
    else this.#from += count;
    this.#own();
    if (this.#from < this.#to) return;
    this.#from = 0;
    this.#to = 0;
    if (this.#store.length > keptBytes) this.#store = Buffer.alloc(0);
  }

  #own(): void {
    const lent = this.#lent;
    this.#lent = null;
    if (lent && lent.length > 0) this.#copy(lent);
  }

  #copy(bytes: Uint8Array): void {
    const length = this.#to - this.#from;
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
}
