// Sets the browser's clock beside what the graph's thread says, also while the page stands still.
import type { GraphReading } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";
import { Dated, type Told } from "./iterations.ts";

/** The page gets them together: it has more to do. */
const togetherMs = 100;

const dated = new Dated();
let readings: GraphReading[] = [];

addEventListener("message", ({ ports: [port] }: MessageEvent) => {
  port!.onmessage = ({ data }: MessageEvent<Told[]>) => readings.push(...dated.by(nowMs(), Date.now(), data));
});

setInterval(() => {
  if (readings.length > 0) postMessage(readings);
  readings = [];
}, togetherMs);
