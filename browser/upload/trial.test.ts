import { expect, test } from "vitest";
import { Manners, type Way } from "./manners.ts";
import { type Feeling, Trial } from "./trial.ts";

const trickle = 4000;
const plenty = 1_000_000;
/** Something is felt whatever is sent. */
const calm = { queueMs: 10, loss: 0, callBps: 400_000, believed: false, recovers: false, felt: true, hindered: true };

/** The trial alone, at the rate it allows itself. */
function walk(trial: Trial, looks: number, feeling: (rate: number) => Feeling): number {
  for (let look = 0; look < looks; look++) trial.look(feeling(trial.harmless), trial.harmless, plenty);
  return trial.harmless;
}

test("what makes no difference is sent more and more of", () => {
  expect(walk(new Trial(trickle), 80, () => ({ ...calm, queueMs: 300, loss: 0.2 }))).toBeGreaterThan(100_000);
});

test("where nothing is felt beside the trickle nothing is tried: the upload grows by itself, and stays below where it had to give way", () => {
  expect(walk(new Trial(trickle), 300, () => ({ ...calm, felt: false, hindered: false }))).toBe(trickle);
});

test.each([
  ["it must not grow, though nothing is felt", { felt: false }],
  ["it has to give way now and then", { hindered: false }],
])("where %s beside the trickle, more is tried", (_, change) => {
  expect(walk(new Trial(trickle), 80, () => ({ ...calm, ...change }))).toBeGreaterThan(100_000);
});

test.each([
  ["the queue grows", { queueMs: 300 }],
  ["packets are lost", { loss: 0.05 }],
  ["the call shrinks", { callBps: 340_000 }],
])("when %s it is the trickle again, and the next trial is later", (_, change) => {
  const trial = new Trial(trickle);
  const feeling = (rate: number) => (rate > 30_000 ? { ...calm, ...change } : calm);
  let above = 0;
  for (let look = 0; look < 1000; look++) {
    walk(trial, 1, feeling);
    if (trial.harmless > 30_000) above++;
  }
  expect(above).toBeGreaterThan(20);
  expect(above).toBeLessThan(150);
});

test("on other ways it begins with the trickle, and what was harmless before is the first that is tried, whatever the call is given there", () => {
  const trial = new Trial(trickle);
  const before = walk(trial, 60, () => calm);
  trial.startOver();
  expect(trial.harmless).toBe(trickle);
  trial.startOver();
  const less = { ...calm, callBps: 100_000 };
  expect(walk(trial, 20, () => less)).toBeGreaterThanOrEqual(before);
});

test("what was compared long ago is compared anew: a way that became narrow beside a busy machine is seen", () => {
  const trial = new Trial(trickle);
  expect(walk(trial, 80, () => ({ ...calm, queueMs: 300 }))).toBeGreaterThan(100_000);
  // The machine is at rest again, and the queue is ours.
  const ours = (rate: number) => ({ ...calm, queueMs: rate > 30_000 ? 300 : 5 });
  walk(trial, 300, ours);
  let felt = 0;
  for (let look = 0; look < 300; look++) {
    walk(trial, 1, ours);
    if (trial.harmless > 30_000) felt++;
  }
  expect(felt).toBeLessThan(60);
});

test("a call that was still finding its bits again beside the trickle is compared with what it found later", () => {
  const trial = new Trial(trickle);
  let [bps, most] = [200_000, 0];
  for (let look = 0; look < 300; look++) {
    // It has a twentieth more each second, and a fifth less where more than 30 kB/s go out beside it.
    bps = trial.harmless > 30_000 ? Math.max(100_000, bps * 0.8) : Math.min(600_000, bps * 1.05);
    trial.look({ ...calm, callBps: bps, believed: true }, trial.harmless, plenty);
    most = Math.max(most, trial.harmless);
  }
  // One step beyond, and never another.
  expect(most).toBe(32_000);
});

/** Between 0 and 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

interface World {
  /** One second; bytes of the upload that want to go. */
  second(upload: number): { way: Way; through: number };
}

function live(world: World, seconds: number): { mean: number; call: number } {
  const manners = new Manners();
  let [rate, through, sum, call]: [number | null, number, number, number] = [32_000, 0, 0, 0];
  const recording = 325_000;
  for (let second = 0; second < seconds; second++) {
    const { way, through: more } = world.second(Math.min(recording, rate ?? recording));
    through += more;
    rate = manners.look(new Map([["ben", way]]), { uplink: 100_000, through }, second * 1000);
    sum += more;
    call += way.sendBps;
  }
  return { mean: sum / seconds, call: call / seconds };
}

test("on a machine that answers late whatever is sent, a recording still arrives", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const chance = random(seed);
    const world: World = {
      second: (upload) => ({
        way: {
          roundTripMs: 45 + 350 * chance() ** 2,
          loss: chance() < 0.1 ? 0.1 : 0,
          limited: chance() < 0.5,
          sendBps: 300_000 + 100_000 * chance(),
          availableBps: null,
          askedBps: 400_000,
        },
        through: upload,
      }),
    };
    expect(live(world, 900).mean).toBeGreaterThan(30_000);
  }
});

/** What a machine with far too much to do does to a call, whatever else is sent: it wanders, for a minute at a time. */
function wandering(seed: number): World {
  const chance = random(seed);
  let [bits, wait] = [0, 0];
  return {
    second: (upload) => {
      bits = bits * 0.95 + (chance() - 0.5) * 0.25;
      wait = wait * 0.95 + (chance() - 0.5) * 0.25;
      return {
        way: {
          roundTripMs: 40 + 500 * Math.abs(wait) + 60 * chance(),
          loss: chance() < 0.1 ? 0.1 : 0,
          limited: chance() < 0.5,
          sendBps: 300_000 * Math.exp(bits),
          availableBps: null,
          askedBps: 400_000,
        },
        through: upload,
      };
    },
  };
}

test("on a machine on which the call wanders by itself, a recording still arrives", () => {
  const means = Array.from({ length: 60 }, (_, seed) => live(wandering(seed + 1), 900).mean).sort((a, b) => a - b);
  expect(means[30]).toBeGreaterThan(50_000);
  expect(means[0]).toBeGreaterThan(10_000);
});

/** A call that needs little of a wide line, on a machine that is late now and then: each time WebRTC believes in 0.85 × of what goes out, and finds its
 * bits again a twelfth a second, up to twice what goes out. */
function restless(seed: number, eachSeconds: number): World {
  const chance = random(seed);
  let belief = 1_700_000;
  return {
    second: (upload) => {
      const sendBps = 130_000 + 40_000 * chance();
      belief = chance() < 1 / eachSeconds ? sendBps * 0.85 : Math.max(belief, Math.min(2 * sendBps, belief * 1.08));
      const way = { roundTripMs: 45 + 30 * chance() ** 4, loss: 0, limited: false, sendBps, availableBps: belief, askedBps: 138_000 };
      return { way, through: upload };
    },
  };
}

test("a call that is late now and then on a wide line does not hold a recording back", () => {
  const means = Array.from({ length: 60 }, (_, seed) => live(restless(seed + 1, 12), 300).mean).sort((a, b) => a - b);
  expect(means[30]).toBeGreaterThan(100_000);
  expect(means[0]).toBeGreaterThan(30_000);
});

/** A line of a megabit with a call that grows until it waits, as WebRTC's does. */
function narrow(seed: number): World {
  const chance = random(seed);
  const capacity = 125_000;
  const wanted = 110_000;
  let [call, queue] = [60_000, 0];
  return {
    second: (upload) => {
      queue = Math.min(capacity * 0.3, Math.max(0, queue + upload + call - capacity));
      const queueMs = (queue / capacity) * 1000;
      call = Math.max(8000, queueMs > 50 ? call * 0.85 : Math.min(wanted * (0.95 + 0.1 * chance()), call * 1.08));
      return {
        way: {
          roundTripMs: 40 + queueMs + 10 * chance(),
          loss: queueMs > 290 ? 0.1 : 0,
          limited: call < wanted * 0.9,
          sendBps: call * 8,
          availableBps: null,
          askedBps: wanted * 8,
        },
        through: Math.min(upload, capacity),
      };
    },
  };
}

test("on a narrow line the call keeps nine tenths of what it has with no upload", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = narrow(seed);
    const held = live({ second: () => world.second(0) }, 900).call;
    expect(live(narrow(seed), 900).call).toBeGreaterThan(held * 0.9);
  }
});

/** The same line, and a call that feels within a tenth of a second that a queue grows, as WebRTC does: before anything of it can be seen in a second.
 * `tells`: the browser says what it believes of the way, which is more than the call wants. `lateSeconds`: the machine is late as often, which is felt like
 * a queue; 0: never. */
function sensitive(seed: number, tells: boolean, lateSeconds: number): World {
  const chance = random(seed);
  const capacity = 125_000;
  const wanted = 80_000;
  const most = tells ? wanted * 1.9 : wanted;
  let [belief, queueMs] = [40_000, 0];
  return {
    second: (upload) => {
      for (let tenth = 0; tenth < 10; tenth++) {
        const before = queueMs;
        const more = upload / 10 + Math.min(wanted, belief) / 10 + (chance() - 0.5) * 3000 - capacity / 10;
        queueMs = Math.min(300, Math.max(0, queueMs + (more / capacity) * 1000));
        const late = lateSeconds > 0 && chance() < 1 / (10 * lateSeconds);
        belief =
          late || queueMs - before > 12 || queueMs > 60 ? Math.max(8000, Math.min(belief, wanted) * 0.93) : Math.min(most, belief * 1.004);
      }
      const heard = { roundTripMs: 80 + queueMs + 10 * chance(), loss: queueMs > 290 ? 0.1 : 0, limited: false };
      const way = {
        ...heard,
        sendBps: Math.min(wanted, belief) * 8,
        availableBps: tells ? belief * 8 : null,
        askedBps: wanted * 8 - 40_000,
      };
      return { way, through: Math.min(upload, capacity) };
    },
  };
}

test.each([
  [false, 0, 0.93],
  [true, 0, 0.93],
  [true, 12, 0.93],
  [true, 4, 0.9],
])(
  "a call that feels a queue before it can be seen keeps nine tenths, and the upload has most of what is left; the browser tells what it believes: %s, late every %d s",
  (tells, lateSeconds, kept) => {
    let [held, call, upload] = [0, 0, 0];
    for (let seed = 1; seed <= 10; seed++) {
      const world = sensitive(seed, tells, lateSeconds);
      held += live({ second: () => world.second(0) }, 600).call / 10;
      const beside = live(sensitive(seed, tells, lateSeconds), 600);
      call += beside.call / 10;
      upload += beside.mean / 10;
    }
    expect(call).toBeGreaterThan(held * kept);
    expect(upload).toBeGreaterThan(20_000);
  },
);
