// Byte counts as people read them: decimal units, no more digits than anybody needs.
import { locale } from "./words.ts";

/** "3 MB", "1.2 GB"; at least "1 kB" when there is anything at all. */
export function sizeText(bytes: number): string {
  if (bytes <= 0) return "0 kB";
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  if (bytes < 1e9) return `${bytes < 1e7 ? trim(bytes / 1e6) : Math.round(bytes / 1e6)} MB`;
  return `${trim(bytes / 1e9)} GB`;
}

function trim(n: number): string {
  return n.toLocaleString(locale(), { maximumFractionDigits: 1, useGrouping: false });
}
