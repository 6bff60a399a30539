import { expect, test } from "vitest";
import { hostsOf, type Present } from "./hosting.ts";

const someone = (id: string, role: "host" | "guest" | "observer", sinceMs: number): Present => ({ participant: { id, role }, sinceMs });
const asha = someone("asha", "host", 5);
const ben = someone("ben", "guest", 9);
const cleo = someone("cleo", "guest", 7);
const dana = someone("dana", "observer", 1);

test("whoever came by the host's link hosts, however late they came", () => {
  expect([...hostsOf([dana, cleo, ben, asha], true)]).toEqual(["asha"]);
  expect([...hostsOf([asha, someone("eve", "host", 20)], true)]).toEqual(["asha", "eve"]);
});

test("without a host hosting passes to the guest who has been here longest, and never to an observer", () => {
  expect([...hostsOf([dana, ben, cleo], true)]).toEqual(["cleo"]);
  expect([...hostsOf([dana], true)]).toEqual([]);
});

test("guests who came before their host wait for one", () => {
  expect([...hostsOf([ben, cleo], false)]).toEqual([]);
});
