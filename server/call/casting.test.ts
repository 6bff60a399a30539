import fc from "fast-check";
import { expect, test } from "vitest";
import { assign, type Cast, draw, settle, swap } from "./casting.ts";

const roles = ["counsellor", "client"];

test("roles go out in order of arrival, and who is too many gets none", () => {
  expect(settle(roles, {}, ["asha", "ben", "cleo"])).toEqual({ asha: "counsellor", ben: "client" });
});

test("a reload keeps the role, and who has left keeps it until somebody needs it", () => {
  const cast = settle(roles, {}, ["asha", "ben"]);
  expect(settle(roles, cast, ["ben"])).toEqual(cast);
  expect(settle(roles, cast, ["ben", "asha"])).toEqual(cast);
  expect(settle(roles, cast, ["ben", "cleo"])).toEqual({ cleo: "counsellor", ben: "client" });
});

test("who was given a role gets it, whoever had it gets theirs, and none stays none", () => {
  const cast = settle(roles, {}, ["asha", "ben"]);
  const present = ["asha", "ben", "cleo"];
  expect(assign(roles, cast, present, "asha", "client")).toEqual({ asha: "client", ben: "counsellor" });
  expect(assign(roles, cast, present, "cleo", "client")).toEqual({ asha: "counsellor", cleo: "client" });
  const freed = assign(roles, cast, present, "asha", null);
  expect(freed).toEqual({ asha: null, ben: "client", cleo: "counsellor" });
  expect(settle(roles, freed, present)).toEqual(freed);
});

test("a swap exchanges two, passes round among three, and gives somebody alone the next role", () => {
  expect(swap(roles, { asha: "counsellor", ben: "client" }, ["asha", "ben"])).toEqual({ asha: "client", ben: "counsellor" });
  expect(swap(["a", "b", "c"], { x: "b", y: "a", z: "c" }, ["x", "y", "z"])).toEqual({ y: "b", x: "c", z: "a" });
  expect(swap(roles, { asha: "client", ben: null }, ["asha", "ben"])).toEqual({ asha: "counsellor", ben: null });
  expect(swap(roles, {}, ["asha"])).toEqual({});
});

const people = fc.uniqueArray(fc.constantFrom("p1", "p2", "p3", "p4", "p5"), { minLength: 1 });
const many = fc.uniqueArray(fc.constantFrom("r1", "r2", "r3", "r4"), { minLength: 1 });
const deeds = fc.array(
  fc.oneof(
    fc.record({ deed: fc.constant("assign" as const), who: fc.nat(), role: fc.nat() }),
    fc.record({ deed: fc.constantFrom("swap" as const, "settle" as const), present: people }),
  ),
  { maxLength: 12 },
);

test("whatever is done in whatever order, no role has two holders, and no free role is left beside somebody who merely waits for one", () => {
  fc.assert(
    fc.property(many, people, deeds, (these, first, steps) => {
      let present = first;
      let cast: Cast = settle(these, {}, present);
      for (const step of steps) {
        if (step.deed === "assign") {
          const id = present[step.who % present.length] ?? "";
          cast = assign(these, cast, present, id, [...these, null][step.role % (these.length + 1)] ?? null);
        } else {
          if (step.deed === "settle") present = step.present;
          cast = step.deed === "swap" ? swap(these, cast, present) : settle(these, cast, present);
        }
        const held = Object.values(cast).filter((role) => role !== null);
        expect(new Set(held).size).toBe(held.length);
        const now = settle(these, cast, present);
        const free = these.filter((role) => !present.some((id) => now[id] === role));
        expect(free.length === 0 || present.every((id) => id in now)).toBe(true);
        expect(settle(these, now, present)).toEqual(now);
      }
    }),
  );
});

test("a draw is decided by its seed and turn, is another one every time, and in the long run each comes as often", () => {
  const count = 4;
  const drawn = [draw("seed", 0, count, null)];
  for (let turn = 1; turn < 4000; turn++) {
    const next = draw("seed", turn, count, drawn[turn - 1]!);
    expect(next).toBe(draw("seed", turn, count, drawn[turn - 1]!));
    expect(next).not.toBe(drawn[turn - 1]);
    drawn.push(next);
  }
  for (let one = 0; one < count; one++) expect(Math.abs(drawn.filter((each) => each === one).length - 1000)).toBeLessThan(100);
  const first = Array.from({ length: 400 }, (_, index) => draw(`seed ${index}`, 0, count, null));
  expect(new Set(first).size).toBe(count);
  expect([draw("s", 3, 0, null), draw("s", 3, 1, 0)]).toEqual([null, 0]);
});
