// How well the way to somebody carries: four bars, and the word for those who do not see them.
import type { Bars as Count } from "../../call/link.ts";
import { t } from "../words.ts";

const heights = [4, 7, 10, 13];

export function Bars({ bars, name }: { bars: Count; name: string }) {
  return (
    <svg class="bars" viewBox="0 0 18 14" role="img" aria-label={t(`call:bars.${bars}`, { name })} data-bars={bars}>
      {heights.map((height, at) => (
        <rect key={height} class={at < bars ? "full" : ""} x={at * 5} y={14 - height} width="3" height={height} rx="1" />
      ))}
    </svg>
  );
}
