// People who are not there any more, without a word.
import type { Fault } from "../fault.ts";

export const people: readonly Fault[] = [
  {
    number: 47,
    kind: "people",
    what: "somebody goes and never comes back",
    strike: async (world) => await world.loseDrone(),
  },
  {
    number: 56,
    kind: "people",
    last: "end",
    what: "everybody leaves by crash, and nobody presses Stop",
    strike: async (world) => {
      while (world.drones.length > 0) await world.loseDrone();
      await world.tab.kill();
    },
  },
];
