// How much is left of a time limit, once a second while it records; null: nothing is counted.
import { useEffect, useState } from "preact/hooks";
import { nowMs } from "../../record/clock.ts";

const lookMs = 1000;

export function useLeft(limitMs: number | null, startedMs: number | null): number | null {
  const [now, setNow] = useState(nowMs());
  useEffect(() => {
    if (limitMs === null || startedMs === null) return;
    setNow(nowMs());
    const timer = setInterval(() => setNow(nowMs()), lookMs);
    return () => clearInterval(timer);
  }, [limitMs, startedMs]);
  return limitMs === null || startedMs === null ? null : startedMs + limitMs - Math.max(now, startedMs);
}
