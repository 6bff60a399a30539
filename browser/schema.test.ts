import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import * as z from "zod/mini";

const modules = {
  call: () => import("../protocol/call.ts"),
  recording: () => import("../protocol/recording.ts"),
  facts: () => import("../protocol/facts.ts"),
  api: () => import("../protocol/api.ts"),
  feedback: () => import("../protocol/feedback.ts"),
  scenario: () => import("../protocol/scenario.ts"),
  captions: () => import("../protocol/captions.ts"),
  upload: () => import("../protocol/upload.ts"),
  tus: () => import("../protocol/tus.ts"),
};

interface Judge {
  safeParse(value: unknown): { success: boolean; data?: unknown };
}

const pairs: { name: string; real: z.ZodMiniType; small: Judge }[] = [];

beforeAll(async () => {
  const real = new Map<string, z.ZodMiniType>();
  for (const [file, load] of Object.entries(modules))
    for (const [name, value] of Object.entries(await load())) if (value instanceof z.ZodMiniType) real.set(`${file}.${name}`, value);
  vi.doMock("zod/mini", () => import("./schema.ts"));
  vi.resetModules();
  for (const [file, load] of Object.entries(modules))
    for (const [name, value] of Object.entries(await load())) {
      const other = real.get(`${file}.${name}`);
      if (other) pairs.push({ name: `${file}.${name}`, real: other, small: value as Judge });
    }
});

interface Described {
  /** Several where null may stand in a simple value's place. */
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Described[];
  oneOf?: Described[];
  allOf?: Described[];
  items?: Described;
  properties?: Record<string, Described>;
  additionalProperties?: Described | boolean;
  required?: string[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
}

/** Of the kind that is described, within its bounds. */
function fitting(of: Described): fc.Arbitrary<unknown> {
  const several = of.anyOf ?? of.oneOf;
  if (several) return fc.oneof(...several.map(fitting));
  if ("const" in of) return fc.constant(of.const);
  if (of.enum) return fc.constantFrom(...of.enum);
  if (Array.isArray(of.type)) return fc.oneof(...of.type.map((type) => fitting({ ...of, type })));
  switch (of.type) {
    case "object": {
      const properties = Object.entries(of.properties ?? {}).map(([key, one]) => [key, fitting(one)] as const);
      return fc.record(Object.fromEntries(properties), { requiredKeys: of.required ?? [] });
    }
    case "array":
      return fc.array(fitting(of.items ?? {}), { minLength: of.minItems ?? 0, maxLength: Math.min(of.maxItems ?? 3, 3) });
    case "string":
      if (of.pattern?.startsWith("^[^")) return fc.stringMatching(/^ ?[a-zß-ö]{1,20} ?$/);
      return of.pattern
        ? fc.stringMatching(new RegExp(of.pattern, "u"))
        : fc.string({ minLength: of.minLength ?? 0, maxLength: Math.min(of.maxLength ?? 20, (of.minLength ?? 0) + 20) });
    case "integer":
      return fc.integer({ min: Math.max(of.minimum ?? -1e6, -1e6), max: Math.min(of.maximum ?? 1e6, 1e6) });
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true, min: of.minimum ?? -1e9, max: of.maximum ?? 1e9 });
    case "boolean":
      return fc.boolean();
    default:
      return of.type === "null" ? fc.constant(null) : junk;
  }
}

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    "",
    " x ",
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    "x".repeat(81),
    "x".repeat(12_000),
    "a\u0007",
    true,
    {},
    [],
    [null],
  ),
  fc.anything(),
);

/** The value with one place in it changed or taken away, or one thing more. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return junk;
  const keys = Object.keys(value);
  const put = (key: string, one: unknown) =>
    Array.isArray(value) ? value.map((old, index) => (String(index) === key ? one : old)) : { ...value, [key]: one };
  return fc.constantFrom(...keys).chain((key) =>
    fc.oneof(
      spoilt((value as Record<string, unknown>)[key]).map((one) => put(key, one)),
      junk.map((one) => put(key, one)),
      fc.constant(Array.isArray(value) ? value.slice(1) : Object.fromEntries(Object.entries(value).filter(([one]) => one !== key))),
      junk.map((one) => (Array.isArray(value) ? [...value, one] : { ...value, unheard: one })),
    ),
  );
}

/** The object as it is, and without each one of its keys. */
function lacking(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [value];
  const entries = Object.entries(value);
  return [value, ...entries.map(([gone]) => Object.fromEntries(entries.filter(([key]) => key !== gone)))];
}

test("the small schemas take, refuse and hand on what zod does, for every shape of the protocol", () => {
  expect(pairs.length).toBeGreaterThan(30);
  for (const { name, real, small } of pairs) {
    const described = z.toJSONSchema(real, { io: "input", unrepresentable: "any" }) as Described;
    const good = fitting(described);
    const values = fc.oneof({ weight: 3, arbitrary: good }, { weight: 3, arbitrary: good.chain(spoilt) }, junk);
    let taken = 0;
    const same = (value: unknown) => {
      const expected = real.safeParse(value);
      const found = small.safeParse(value);
      expect(found.success, `${name}: ${JSON.stringify(value)}`).toBe(expected.success);
      if (expected.success) expect(found.data).toEqual(expected.data);
      if (expected.success) taken++;
    };
    fc.assert(fc.property(values, same), { numRuns: 40 });
    // By chance a union of twenty members is seldom asked about the one key that one of them may not miss.
    for (const member of described.anyOf ?? described.oneOf ?? [described])
      fc.assert(
        fc.property(fitting(member), (value) => lacking(value).forEach(same)),
        { numRuns: 3 },
      );
    expect(taken, `${name}: nothing was taken, so nothing was compared`).toBeGreaterThan(0);
  }
}, 120_000);
