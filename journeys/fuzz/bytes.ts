// Bytes put together: what all files made by hand are written with.

export const text = (value: string): Buffer => Buffer.from(value, "latin1");
export const hex = (value: string): Buffer => Buffer.from(value.replaceAll(" ", ""), "hex");
export const join = (...parts: (Uint8Array | number[] | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? text(part) : Buffer.from(part))));

/** What it is, and its bytes. */
export type Made = [string, Buffer];
