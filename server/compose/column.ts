// Numbers in a list that only grows, in as many bytes as each takes: a track of eight hours has two million packets, and as objects they would fill
// the composing process. Promise: what was pushed is what is read.

type Numbers = Float64Array | Uint32Array | Uint8Array;

/** Small, because most segments are short. */
const blockBits = 10;
const blockLength = 1 << blockBits;

export class Column {
  readonly #blocks: Numbers[] = [];
  readonly #kind: new (
    length: number,
  ) => Numbers;
  #length = 0;

  constructor(kind: new (length: number) => Numbers) {
    this.#kind = kind;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length & (blockLength - 1);
    if (at === 0) this.#blocks.push(new this.#kind(blockLength));
    this.#blocks[this.#length >> blockBits]![at] = value;
    this.#length += 1;
  }

  /** Only of what is there. */
  at(index: number): number {
    return this.#blocks[index >> blockBits]![index & (blockLength - 1)]!;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#length = 0;
  }
}
