// How an icon of lucide is drawn: a tenth of the library's own code for it, which the build leaves out for this (`vite.config.ts`).
// Promise: the same picture, `size` pixels wide and high, unseen by screen readers unless a name is given.
import { type ComponentType, h } from "preact";

/** What the build leaves of an icon: lucide's name for it and the keys of its lines say nothing to anybody. */
interface IconData {
  /** Of the box it is drawn in; absent: 24, as nearly all. */
  size?: number;
  node: [tag: string, attributes: Record<string, string>][];
}

interface IconProps {
  size?: number;
  class?: string;
  [attribute: string]: unknown;
}

export default function createIcon({ size: box = 24, node }: IconData): ComponentType<IconProps> {
  return ({ size = box, class: more, ...rest }) => {
    const named = "aria-label" in rest || "aria-labelledby" in rest || "title" in rest;
    const look = {
      xmlns: "http://www.w3.org/2000/svg",
      width: size,
      height: size,
      viewBox: `0 0 ${box} ${box}`,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      class: more,
    };
    const children = node.map(([tag, attributes]) => h(tag, attributes));
    return h("svg", { ...look, ...(named ? {} : { "aria-hidden": "true" }), ...rest }, children);
  };
}
