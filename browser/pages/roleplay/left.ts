// How much is left of a time limit, once a second while it records and is not paused; null: nothing is counted.
import { useEffect, useState } from "preact/hooks";
import { nowMs } from "../../record/clock.ts";
import { type Counted, leftOf } from "./limit.ts";

const lookMs = 1000;

export function useLeft(limitMs: number | null, recording: Counted | null): number | null {
  const [now, setNow] = useState(nowMs());
  const runs = limitMs !== null && recording !== null && recording.pausedMs === null;
  useEffect(() => {
    if (!runs) return;
    setNow(nowMs());
    const timer = setInterval(() => setNow(nowMs()), lookMs);
    return () => clearInterval(timer);
  }, [runs, limitMs, recording?.startedMs]);
  return limitMs === null || recording === null ? null : leftOf(limitMs, recording, now);
}
