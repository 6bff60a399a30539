// What the pages use of zod/mini, small: the build puts this in its place (`vite.config.ts`), because zod itself is a fifth of all JavaScript that
// the call page may have. Types and the server keep the real one. Promise: takes and refuses what zod takes and refuses, and hands on the same data;
// `schema.test.ts` compares the two on every shape of `protocol`. What is not here does not build.

interface Issue {
  path: PropertyKey[];
  message: string;
}

/** Notes what does not fit and returns the value to hand on. */
type Run = (value: unknown, issues: Issue[], path: PropertyKey[]) => unknown;

/** Of what already is of the right kind. */
type Check = Run;

class Schema {
  /** Of objects, for `extend` and its kin. */
  declare shape?: Record<string, Schema>;
  constructor(
    readonly run: Run,
    /** May be absent from an object. */
    readonly absent = false,
    /** The values it is told by, of a member of a union. */
    readonly tags: ReadonlyMap<string, readonly unknown[]> = new Map(),
    /** Of literals and enums. */
    readonly values: readonly unknown[] = [],
  ) {}

  check(...checks: (Check | Schema)[]): Schema {
    const run: Run = (value, issues, path) => {
      const before = issues.length;
      let now = this.run(value, issues, path);
      if (issues.length > before) return now;
      for (const check of checks) now = (typeof check === "function" ? check : check.run)(now, issues, path);
      return now;
    };
    return new Schema(run, this.absent, this.tags, this.values);
  }

  safeParse(value: unknown) {
    const issues: Issue[] = [];
    const data = this.run(value, issues, []);
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } };
  }

  parse(value: unknown): unknown {
    const result = this.safeParse(value);
    if (!result.success) throw new Error(`does not fit: ${JSON.stringify(result.error?.issues[0])}`);
    return result.data;
  }
}

const wrong = (issues: Issue[], path: PropertyKey[], message = "Invalid input") => void issues.push({ path, message });

/** A value that passes as it is, or not. */
function plain(fits: (value: unknown) => boolean, values?: readonly unknown[]): Schema {
  const run: Run = (value, issues, path) => {
    if (!fits(value)) wrong(issues, path);
    return value;
  };
  return new Schema(run, false, undefined, values);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isInteger = (value: unknown) => Number.isSafeInteger(value);

export const config = () => undefined;
export const string = () => plain((value) => typeof value === "string");
export const number = () => plain((value) => Number.isFinite(value));
export const boolean = () => plain((value) => typeof value === "boolean");
/** Anything, but something: in an object its key has to be there, as zod has it. */
export const unknown = () => plain(() => true);
export const literal = (one: unknown) => plain((value) => value === one, [one]);

function choice(values: readonly unknown[]): Schema {
  return plain((value) => values.includes(value), values);
}

export { choice as enum };

/** As a schema, and as a check of a number. */
export const int = () => plain(isInteger);

/** NaN, too, of what does not even let itself be asked. */
function numeric(value: unknown): number {
  try {
    return Number(value);
  } catch {
    return Number.NaN;
  }
}

export const coerce = {
  number: () => {
    const inner = number();
    return new Schema((value, issues, path) => inner.run(numeric(value), issues, path));
  },
};

export function optional(inner: Schema): Schema {
  return new Schema((value, issues, path) => (value === undefined ? value : inner.run(value, issues, path)), true, undefined, inner.values);
}

export function nullable(inner: Schema): Schema {
  return new Schema((value, issues, path) => (value === null ? value : inner.run(value, issues, path)), inner.absent);
}

export const nullish = (inner: Schema) => optional(nullable(inner));

export function array(inner: Schema): Schema {
  return new Schema((value, issues, path) => {
    if (!Array.isArray(value)) return wrong(issues, path);
    return value.map((one, index) => inner.run(one, issues, [...path, index]));
  });
}

export function record(_key: Schema, inner: Schema): Schema {
  return new Schema((value, issues, path) => {
    if (!isObject(value)) return wrong(issues, path);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner.run(one, issues, [...path, key])]));
  });
}

export function object(shape: Record<string, Schema>): Schema {
  const entries = Object.entries(shape);
  const run: Run = (value, issues, path) => {
    if (!isObject(value)) return wrong(issues, path);
    const out: Record<string, unknown> = {};
    for (const [key, inner] of entries) {
      const here = [...path, key];
      if (key in value) out[key] = inner.run(value[key], issues, here);
      else if (!inner.absent) wrong(issues, here);
    }
    return out;
  };
  const tags = new Map(entries.filter(([, inner]) => inner.values.length > 0).map(([key, inner]) => [key, inner.values]));
  return Object.assign(new Schema(run, false, tags), { shape });
}

const shapeOf = (of: Schema) => Object.entries(of.shape ?? {});
export const extend = (of: Schema, more: Record<string, Schema>) => object({ ...of.shape, ...more });
export const partial = (of: Schema) => object(Object.fromEntries(shapeOf(of).map(([key, inner]) => [key, optional(inner)])));
export const pick = (of: Schema, keys: Record<string, true>) => object(Object.fromEntries(shapeOf(of).filter(([key]) => key in keys)));
export const omit = (of: Schema, keys: Record<string, true>) => object(Object.fromEntries(shapeOf(of).filter(([key]) => !(key in keys))));

export function union(members: readonly Schema[]): Schema {
  return new Schema((value, issues, path) => {
    for (const member of members) {
      const mine: Issue[] = [];
      const out = member.run(value, mine, path);
      if (mine.length === 0) return out;
    }
    return wrong(issues, path);
  });
}

export function discriminatedUnion(key: string, members: readonly Schema[]): Schema {
  return new Schema((value, issues, path) => {
    const member = isObject(value) && members.find(({ tags }) => tags.get(key)?.includes(value[key]));
    return member ? member.run(value, issues, path) : wrong(issues, [...path, key]);
  });
}

function checked(fits: (value: unknown) => boolean): Check {
  return (value, issues, path) => {
    if (!fits(value)) wrong(issues, path);
    return value;
  };
}

export const trim = (): Check => (value) => (value as string).trim();
export const minLength = (least: number) => checked((value) => (value as string | unknown[]).length >= least);
export const maxLength = (most: number) => checked((value) => (value as string | unknown[]).length <= most);
export const length = (exactly: number) => checked((value) => (value as string | unknown[]).length === exactly);
export const gte = (least: number) => checked((value) => (value as number) >= least);
export const lte = (most: number) => checked((value) => (value as number) <= most);
export const gt = (least: number) => checked((value) => (value as number) > least);
export const lt = (most: number) => checked((value) => (value as number) < most);
export const refine = (fits: (value: never) => unknown) => checked((value) => Boolean((fits as (value: unknown) => unknown)(value)));
export const regex = (pattern: RegExp) =>
  checked((value) => {
    pattern.lastIndex = 0;
    return pattern.test(value as string);
  });
