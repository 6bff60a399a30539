// What the way to one other participant carries, from the browser's own statistics. Promise: what a browser does not say is null, never a guess.

export interface Link {
  roundTripMs: number | null;
  /** Share of packets that did not arrive since the look before, in the worse direction, 0 … 1. */
  loss: number;
  /** What goes out, bits per second. */
  sendBps: number;
  /** What the browser believes the way would take; null: it does not say (Firefox). */
  availableBps: number | null;
  /** A picture goes out smaller or coarser than was asked for, because the way takes no more. */
  limited: boolean;
}

/** A way, and what there is to go over it. */
export interface Way extends Link {
  /** What the pictures would take if it took everything, each as large as it is shown, bits per second. */
  askedBps: number;
}

/** As on a telephone: 4 is as good as it gets, 0 is nothing. */
export type Bars = 0 | 1 | 2 | 3 | 4;

/** Above the first of each, people begin to notice; ITU-T G.114 puts the limit of an easy conversation at 400 ms there and back. */
const roundTrips = [150, 300, 600] as const;
const losses = [0.02, 0.05, 0.12] as const;

export function barsOf({ roundTripMs, loss }: Pick<Link, "roundTripMs" | "loss">): Bars {
  const worse = (value: number, limits: readonly number[]) => limits.filter((limit) => value > limit).length;
  return (4 - Math.max(worse(roundTripMs ?? 0, roundTrips), worse(loss, losses))) as Bars;
}

/** The fields that are read, of whatever kind of report. */
interface Report {
  type: string;
  id: string;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  roundTripTime?: number;
  availableOutgoingBitrate?: number;
  bytesSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  qualityLimitationReason?: string;
  /** When what it says was heard, ms. */
  timestamp: number;
}

interface Counted {
  atMs: number;
  bytesSent: number;
  received: number;
  lost: number;
}

/** A browser says "bandwidth" as well where a picture is coarse because it was allowed few bits, on a way that would take ten times as many. There
 * its estimate is half as much again as what is sent, or more (GCC raises it no further than that); on a full way they are alike. */
const roomy = 1.4;

export class LinkReader {
  #before: Counted | null = null;

  read(reports: Iterable<unknown>, nowMs: number): Link {
    const all = [...(reports as Iterable<Report>)];
    const of = (type: string) => all.filter((report) => report.type === type);
    const sum = (of: readonly Report[], value: (report: Report) => number | undefined) =>
      of.reduce((total, report) => total + (value(report) ?? 0), 0);
    const pair = of("candidate-pair").find(({ nominated, state }) => nominated && state === "succeeded");
    const [out, back, incoming] = [of("outbound-rtp"), of("remote-inbound-rtp"), of("inbound-rtp")];
    const now: Counted = {
      atMs: nowMs,
      bytesSent: sum(out, ({ bytesSent }) => bytesSent),
      received: sum(incoming, ({ packetsReceived }) => packetsReceived),
      lost: sum(incoming, ({ packetsLost }) => packetsLost),
    };
    const before = this.#before ?? now;
    this.#before = now;
    const lost = Math.max(0, now.lost - before.lost);
    const arrived = Math.max(0, now.received - before.received);
    // By what came back last of the media: of pictures about once a second, of sound every five; the checks of the path are rarer.
    back.sort((a, b) => b.timestamp - a.timestamp);
    const roundTrip = back.find(({ roundTripTime }) => roundTripTime !== undefined)?.roundTripTime ?? pair?.currentRoundTripTime;
    // Nothing of nothing, at the first look, is nothing.
    const sendBps = Math.max(0, ((now.bytesSent - before.bytesSent) * 8000) / (now.atMs - before.atMs) || 0);
    const availableBps = pair?.availableOutgoingBitrate ?? null;
    return {
      roundTripMs: roundTrip === undefined ? null : roundTrip * 1000,
      loss: Math.max(lost / (lost + arrived) || 0, ...back.map(({ fractionLost = 0 }) => fractionLost)),
      sendBps,
      availableBps,
      limited:
        out.some(({ qualityLimitationReason }) => qualityLimitationReason === "bandwidth") &&
        (availableBps === null || availableBps < sendBps * roomy),
    };
  }
}
