// Times and dates as people read and hear them, in their language.
import { locale, t } from "./words.ts";

/** "2:10", "1:02:10". */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** "2 minutes 10 seconds", for ears. */
export function spokenTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const parts = [
    hours > 0 && count(hours, "hours"),
    minutes > 0 && count(minutes, "minutes"),
    total % 60 > 0 && count(total % 60, "seconds"),
  ];
  return parts.filter(Boolean).join(" ") || count(0, "seconds");
}

/** From so many seconds on, in steps of so many. */
const steps = [
  [18_000, 3600],
  [9000, 1800],
  [3600, 600],
  [600, 60],
  [150, 30],
  [60, 10],
  [20, 5],
  [10, 2],
] as const;

/** "about 20 seconds": coarse on purpose, so that it does not jitter, and never more than a tenth off what it was told. */
export function aboutTime(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const step = steps.find(([from]) => seconds >= from)?.[1] ?? 1;
  return t("time.about", { time: spokenTime(Math.round(seconds / step) * step * 1000) });
}

/** "Today, 14:02", "12 November, 14:02". */
export function dateText(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const time = date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === now.toDateString()) return t("time.today", { time });
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return t("time.date", { date: date.toLocaleDateString(locale(), { day: "numeric", month: "long", year }), time });
}

type Unit = "hours" | "minutes" | "seconds";

function count(n: number, unit: Unit): string {
  return t(`time.${unit}`, { count: n });
}
