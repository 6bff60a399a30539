import { expect, test } from "vitest";
import { aboutTime, clockText, dateText, spokenTime } from "./time.ts";

test("a clock shows hours only when there are any", () => {
  expect(clockText(0)).toBe("0:00");
  expect(clockText(130_999)).toBe("2:10");
  expect(clockText(3_730_000)).toBe("1:02:10");
  expect(clockText(-5)).toBe("0:00");
});

test("a spoken time leaves out what is zero", () => {
  expect(spokenTime(130_000)).toBe("2 minutes 10 seconds");
  expect(spokenTime(61_000)).toBe("1 minute 1 second");
  expect(spokenTime(3_600_000)).toBe("1 hour");
  expect(spokenTime(400)).toBe("0 seconds");
});

test("a remaining time is coarse and never zero", () => {
  expect(aboutTime(0)).toBe("about 1 second");
  expect(aboutTime(2_000)).toBe("about 2 seconds");
  expect(aboutTime(22_000)).toBe("about 20 seconds");
  expect(aboutTime(58_000)).toBe("about 1 minute");
  expect(aboutTime(84_000)).toBe("about 1 minute 20 seconds");
  expect(aboutTime(7_000_000)).toBe("about 2 hours");
});

test("today is called today and another year is named", () => {
  const now = new Date(2026, 10, 22, 15, 0);
  expect(dateText(new Date(2026, 10, 22, 14, 2).toISOString(), now)).toBe("Today, 14:02");
  expect(dateText(new Date(2026, 10, 12, 9, 5).toISOString(), now)).toBe("12 November, 09:05");
  expect(dateText(new Date(2025, 0, 2, 9, 5).toISOString(), now)).toBe("2 January 2025, 09:05");
  expect(dateText("nonsense", now)).toBe("");
});

test("an estimate in words is never more than a tenth off what it was told", () => {
  const unit: Record<string, number> = { second: 1, minute: 60, hour: 3600 };
  for (let seconds = 1; seconds < 100_000; seconds += Math.ceil(seconds / 200)) {
    const said = [...aboutTime(seconds * 1000).matchAll(/(\d+) (second|minute|hour)/g)].reduce(
      (sum, [, n, of]) => sum + Number(n) * unit[of!]!,
      0,
    );
    expect(Math.abs(said - seconds) / seconds, `${seconds} s: ${aboutTime(seconds * 1000)}`).toBeLessThanOrEqual(0.1);
  }
});
