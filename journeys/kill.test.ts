// The server is killed at random moments under load. The long run is `npm run bench -- kill --rounds 1000 --seed S`.
import { expect, test } from "vitest";
import { killRounds } from "../bench/kill.ts";

// Never walked a second time: a byte that is lost once is lost.
test("eight kill -9 at random moments under load lose no acked byte, and every upload goes on from its offset", { retry: 0 }, async () => {
  const figures = await killRounds(8, 20_261_122);
  expect(figures.rounds).toBe(8);
  expect(figures.checkedBytes).toBeGreaterThan(1_000_000);
});
