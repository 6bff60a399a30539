// All hostile files there are, or a slice of them, through the gauntlet.
import { Random } from "../chaos/random.ts";
import { Gauntlet, type Tally } from "./gauntlet.ts";
import { handmade } from "./handmade.ts";
import { mutated } from "./mutations.ts";
import { seeds } from "./seeds.ts";

/** Through one process at a time, and beside one another in one window. */
export const atOnce = 12;

export interface Slice {
  seed: number;
  /** Number of the first mutation. */
  from?: number;
  count: number;
  /** Of the files made by hand: every one unless said; 0: none. */
  every?: number;
}

export async function fuzz(
  { seed, from = 0, count, every = 1 }: Slice,
  say: (line: string) => void,
  gauntlet = new Gauntlet(),
): Promise<Tally> {
  const random = new Random(seed);
  const made = every === 0 ? [] : handmade(gauntlet.neighbour).filter((_, index) => index % every === 0);
  let at = "made by hand";
  try {
    const good = await seeds();
    for (let first = 0; first < made.length; first += atOnce) await gauntlet.run(made.slice(first, first + atOnce), random);
    if (made.length > 0) say(`${made.length} made by hand: ${JSON.stringify(gauntlet.tally)}`);
    for (let first = from; first < from + count; first += atOnce) {
      at = `npm run fuzz:media -- --seed ${seed} --from ${first} --count ${atOnce} --handmade 0`;
      const numbers = Array.from({ length: Math.min(atOnce, from + count - first) }, (_, index) => first + index);
      await gauntlet.run(
        numbers.map((number) => mutated(good, seed, number)),
        random,
      );
      if ((first - from) % (atOnce * 40) === 0) say(`${first - from + numbers.length} mutations: ${JSON.stringify(gauntlet.tally)}`);
    }
    await gauntlet.neighbourIsWell();
    return gauntlet.tally;
  } catch (error) {
    throw new Error(`again: ${at}\n${(error as Error).message}`, { cause: error });
  } finally {
    await gauntlet.close();
  }
}
