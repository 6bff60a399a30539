import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Probing } from "./probing.ts";

/** What the probes are answered, in turn; the last one again and again, and "nothing" never. */
function start(...answers: (boolean | "nothing")[]) {
  const signals: AbortSignal[] = [];
  const onReached = vi.fn();
  const probe = (signal: AbortSignal) => {
    const answer = answers[Math.min(signals.length, answers.length - 1)];
    signals.push(signal);
    return answer === "nothing"
      ? new Promise<boolean>((resolve) => signal.addEventListener("abort", () => resolve(false)))
      : Promise.resolve(answer === true);
  };
  const probing = new Probing({ probe, onReached });
  probing.start(1000);
  return { probing, signals, onReached };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("it is asked every three quarters of a second until there is an answer, and then no more", async () => {
  const { signals, onReached } = start(false, false, true);
  await vi.advanceTimersByTimeAsync(2400);
  expect([signals.length, onReached.mock.calls.length]).toEqual([2, 0]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([signals.length, onReached.mock.calls.length]).toEqual([3, 1]);
});

test("a question without an answer holds up no other one, and ends when that is answered", async () => {
  const { signals, onReached } = start("nothing", "nothing", "nothing", true);
  await vi.advanceTimersByTimeAsync(3000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  await vi.advanceTimersByTimeAsync(750);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, false]);
  expect(onReached).toHaveBeenCalledTimes(1);
});

test("an answer that comes after it was stopped reaches nobody", async () => {
  const { signals, probing, onReached } = start("nothing");
  await vi.advanceTimersByTimeAsync(1500);
  probing.stop();
  expect(signals[0]?.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect([signals.length, onReached.mock.calls.length]).toEqual([1, 0]);
});

test("after twenty minutes it is asked every eight seconds", async () => {
  const { signals } = start(false);
  await vi.advanceTimersByTimeAsync(1_200_900);
  expect(signals.length).toBe(1600);
  await vi.advanceTimersByTimeAsync(80_000);
  expect(signals.length).toBe(1610);
});

test("started again meanwhile it goes on as it was, and after a stop from the beginning", async () => {
  const { signals, probing } = start(false);
  await vi.advanceTimersByTimeAsync(1200);
  probing.start(0);
  await vi.advanceTimersByTimeAsync(400);
  expect(signals.length).toBe(1);
  probing.stop();
  probing.start(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(signals.length).toBe(2);
});
