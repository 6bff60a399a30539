// How far the clock that drives the recorder has come, beside the browser's own. Firefox stamps what it records by a media graph that stands still
// when the machine starves, and its file shows nothing of it. Two follow it: an element that plays the same sound, which is asked now and then, and the
// graph's own thread, which tells by itself (`pulse.ts`).
// Promise: readings only, taken in one go and never judged here; only Firefox loads this, and each microphone has one, for as long as it is live.
import { type GraphReading, graphReadingsMax } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";
import { Freshest, Kept, readingOf } from "./freshest.ts";
import { worthSending } from "./iterations.ts";
import { type Pulse, pulse } from "./pulse.ts";

const pollMs = 25;
/** Of each span the reading that is least behind is kept: the element learns of the graph's time every 10 ms or later. Short, because time is lost
 * somewhere between two readings. */
const spanMs = 125;
/** Of the graph's iterations the freshest of so long is told. */
const pulsesMs = 40;
/** A minute and more of the element's, and of the graph's iterations. */
const mostKept = 2048;
const mostPulses = 8192;

/** What is asked of the element. */
export type Player = Pick<HTMLMediaElement, "currentTime" | "paused" | "ended">;

/** What is here of both since a place, and the place after it. */
export interface Heard {
  graph: GraphReading[];
  pulses: GraphReading[];
  next: Place;
}
export interface Place {
  graph: number;
  pulses: number;
}

export class Graph {
  readonly graph = new Kept(mostKept);
  readonly pulses = new Kept(mostPulses);
  readonly #freshest = new Freshest(spanMs, (reading) => this.graph.add(reading));

  constructor(
    readonly player: Player,
    readonly clockMs: () => number = nowMs,
  ) {}

  look(): void {
    const { player } = this;
    if (player.paused || player.ended) return;
    const reading = readingOf(this.clockMs(), player.currentTime * 1000);
    // At 0 it has not begun to play.
    if (reading.mediaMs > 0) this.#freshest.add(reading);
  }

  /** Resolves once its thread has told of that moment, which soon follows; at once where it tells nothing. */
  async reaches(browserMs: number, patienceMs: number): Promise<void> {
    const untilMs = this.clockMs() + patienceMs;
    const tells = () => this.pulses.lastMs !== null && this.pulses.lastMs < browserMs;
    while (tells() && this.clockMs() < untilMs) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  /** Where readings from then on begin. */
  placeOf(browserMs: number): Place {
    return { graph: this.graph.placeOf(browserMs), pulses: this.pulses.placeOf(browserMs) };
  }

  /** `around`: of the browser's clock, when every iteration counts; else there is one for each span, and what shows time that was lost. */
  from(place: Place, around = { fromMs: 0, toMs: 0 }): Heard {
    const graph = this.graph.from(place.graph, graphReadingsMax);
    const pulses = this.pulses.from(place.pulses, graphReadingsMax);
    return {
      graph: graph.readings,
      pulses: worthSending(pulses.readings, pulsesMs, around),
      next: { graph: graph.next, pulses: pulses.next },
    };
  }
}

const known = new WeakMap<MediaStreamTrack, { graph: Graph; thread: Pulse | null }>();

/** The graph that a microphone is driven by, read from the first time on that it is asked for until the microphone is over. */
export function graphOf(track: MediaStreamTrack): Graph {
  const before = known.get(track);
  before?.thread?.wake();
  if (before) return before.graph;
  const player = playerOf(track);
  const graph = new Graph(player);
  const thread = pulse(track, (readings) => {
    for (const reading of readings) graph.pulses.add(reading);
  });
  known.set(track, { graph, thread });
  const timer = setInterval(() => {
    graph.look();
    if (track.readyState === "live") return;
    clearInterval(timer);
    thread?.end();
    // An element that plays is kept alive by the browser.
    player.pause();
    player.srcObject = null;
  }, pollMs);
  return graph;
}

/** Plays the sound of a microphone to nobody. */
function playerOf(track: MediaStreamTrack): HTMLAudioElement {
  const player = new Audio();
  player.muted = true;
  player.srcObject = new MediaStream([track]);
  player.play().catch((error: unknown) => console.warn("graph: no readings by an element", error));
  return player;
}
