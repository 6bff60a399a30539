// Readings of one recorder's clock, and what is made of each before anything is judged.
import type { GraphReading } from "../../protocol/recording.ts";

/** More is lost time, not the grain of the readings (the element learns of the graph's time every 10 ms, and the freshest of many is good to a
 * millisecond); near the end, where few have followed, only more than that grain is. */
const stepMs = 6;
const unsureStepMs = 15;

/** Readings of one recorder. By their places in the list, all in ms. */
export interface Course {
  readings: readonly GraphReading[];
  /** How far the graph was behind the browser's clock. */
  behind: readonly number[];
  /** The same by the freshest of those that follow soon: at least. */
  ahead: readonly number[];
  /** How far it was behind when the recorder began. */
  firstMs: number;
  /** So many of them can be judged; of these so many surely, for enough has come after them. */
  end: number;
  sure: number;
  /** By the recorder's own zero. */
  mediaMs: (index: number) => number;
}

/** By less than this the graph only came late. */
export const leastStepMs = ({ sure }: Course, index: number) => (index < sure ? stepMs : unsureStepMs);
