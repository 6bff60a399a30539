// WebVTT as it is taken and given: cues with their times and whose words they are, no styles, no positions. Pure.
// Promise: what is not WebVTT is refused with the line and the reason; what is no tag of WebVTT stays text; what was written reads back the same.
//
// After the W3C's "WebVTT: The Web Video Text Tracks Format", 4.1 (file structure) and 4.2.2 (cue text), without regions, styles and settings.
import { UserError, type Why } from "./errors.ts";

export interface Cue {
  fromMs: number;
  toMs: number;
  /** Whose words: the name in a voice tag; null: the file does not say. */
  voice: string | null;
  body: string;
}

/** Of one file: eight hours of quick talk have a tenth of it. */
export const mostCues = 20_000;
/** Of one cue, characters. */
export const mostWords = 1000;

const timing = /^(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t].*)?$/;

/** Throws UserError("bad-request") naming the line. */
export function parseVtt(text: string): Cue[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  if (!/^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? "")) throw wrong(1, "head");
  const cues: Cue[] = [];
  for (let at = blockEnd(lines, 0); at < lines.length; ) {
    if (lines[at] === "") {
      at += 1;
      continue;
    }
    const end = blockEnd(lines, at);
    cues.push(...cuesOf(lines, at, end));
    if (cues.length > mostCues) throw wrong(at + 1, "many");
    at = end;
  }
  return cues;
}

/** The first empty line from there on. */
function blockEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] !== "") at += 1;
  return at;
}

function cuesOf(lines: readonly string[], start: number, end: number): Cue[] {
  if (/^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(lines[start]!) && !lines[start]!.includes("-->")) return [];
  // A cue may have a name of its own, on a line before its times.
  const at = lines[start]!.includes("-->") || start + 1 >= end ? start : start + 1;
  const match = timing.exec(lines[at]!);
  if (!match) throw wrong(at + 1, "times");
  const [fromMs, toMs] = [msOf(match.slice(1, 5)), msOf(match.slice(5, 9))];
  if (toMs <= fromMs) throw wrong(at + 1, "order");
  const words = lines.slice(at + 1, end);
  const arrow = words.findIndex((line) => line.includes("-->"));
  if (arrow >= 0) throw wrong(at + arrow + 2, "gap");
  for (const [index, line] of words.entries()) if (/[^\P{Cc}\t]/u.test(line)) throw wrong(at + index + 2, "control");
  const text = words.join("\n");
  if (text.length > 10 * mostWords) throw wrong(at + 2, "long");
  const spoken = voicesOf(text);
  for (const { body } of spoken) if (body.length > mostWords) throw wrong(at + 2, "long");
  return spoken.map((one) => ({ fromMs, toMs, ...one }));
}

function msOf([hours = "0", minutes, seconds, thousandths]: (string | undefined)[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(thousandths);
}

const known = /<(?:(\/?)(v|c|i|b|u|ruby|rt|lang)((?:\.[^\s.<>&]+)*)(?:[ \t\n]([^<>]*))?|(?:\d+:)?\d\d:\d\d\.\d{3})>/g;

/** Cut where somebody else begins to speak. Tags go, unless they are none of WebVTT's. */
function voicesOf(text: string): { voice: string | null; body: string }[] {
  const parts: { voice: string | null; raw: string }[] = [{ voice: null, raw: "" }];
  let from = 0;
  for (const { index, 0: tag, 1: closing, 2: name, 4: annotation } of text.matchAll(known)) {
    parts.at(-1)!.raw += text.slice(from, index);
    from = index + tag.length;
    if (name === "v") parts.push({ voice: closing ? null : oneLine(plain(annotation ?? "")) || null, raw: "" });
  }
  parts.at(-1)!.raw += text.slice(from);
  return parts.map(({ voice, raw }) => ({ voice, body: tidy(plain(raw)) })).filter(({ body }) => body !== "");
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00A0", lrm: "\u200E", rlm: "\u200F" };

function plain(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|nbsp|lrm|rlm));/gi, (whole, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    const isText = code >= 0x20 && !(code >= 0x7f && code < 0xa0) && !(code >= 0xd800 && code < 0xe000) && code <= 0x10ffff;
    return isText ? String.fromCodePoint(code) : "\uFFFD";
  });
}

/** As captions are kept: no empty lines, none at the ends, nothing at the ends of lines. */
export function tidy(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replaceAll("\t", " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

export function writeVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(({ fromMs, toMs, voice, body }) => {
    const name = oneLine(voice ?? "");
    return `${vttTime(fromMs)} --> ${vttTime(toMs)}\n${name ? `<v ${escaped(name)}>` : ""}${escaped(tidy(body))}`;
  });
  return `${["WEBVTT", ...blocks].join("\n\n")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function vttTime(ms: number): string {
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, "0");
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}

const reasons = {
  head: "a WebVTT file begins with WEBVTT",
  times: "times were expected here, like 00:01:02.000 --> 00:01:04.500",
  order: "it ends before it begins",
  gap: "an empty line is missing before these times",
  control: "there is a control character in it",
  long: `more than ${mostWords} characters in one caption`,
  many: `more than ${mostCues} captions are too many`,
};

function wrong(line: number, reason: keyof typeof reasons): UserError {
  const why: Why = { reason: `vtt-${reason}`, line };
  return new UserError("bad-request", `Line ${line}: ${reasons[reason]}.`, { why });
}
