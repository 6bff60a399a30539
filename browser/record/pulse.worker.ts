// Sets the browser's clock beside what the graph's thread says, also while the page stands still.
import type { GraphReading } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";
import { Freshest, readingOf } from "./freshest.ts";

/** Some of the graph's messages: one of them is seldom late. */
const spanMs = 40;
/** The page gets them together: it has more to do. */
const togetherMs = 100;

let readings: GraphReading[] = [];
const freshest = new Freshest(spanMs, (reading) => readings.push(reading));

addEventListener("message", ({ ports: [port] }: MessageEvent) => {
  port!.onmessage = ({ data }: MessageEvent<number>) => freshest.add(readingOf(nowMs(), data));
});

setInterval(() => {
  if (readings.length > 0) postMessage(readings);
  readings = [];
}, togetherMs);
