// My name as this browser draws it, for the film: the server has no fonts, and whoever wrote a name in some script has one for it.
// Promise: null rather than a picture that is not the name, as of browsers that blur what a page may read of a canvas.
import { type Plate, packPlate, plateMaxHeight, plateMaxWidth } from "../../../protocol/plate.ts";

const size = 44;
/** Room above and below the letters: accents, descenders, scripts that are higher than Latin. */
const baseline = 47;

const drawn = new Map<string, Plate | null>();

export function plateOf(name: string): Plate | null {
  const known = drawn.get(name);
  if (known !== undefined) return known;
  const plate = draw(name);
  drawn.set(name, plate);
  return plate;
}

function draw(name: string): Plate | null {
  const canvas = document.createElement("canvas");
  canvas.width = plateMaxWidth;
  canvas.height = plateMaxHeight;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return null;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.fillStyle = "white";
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  const text = shortened(name, (tried) => pen.measureText(tried).width <= plateMaxWidth - 4);
  pen.fillText(text, 2, baseline);
  const width = Math.min(plateMaxWidth, Math.ceil(pen.measureText(text).width) + 4);
  const { data } = pen.getImageData(0, 0, width, plateMaxHeight);
  const ink = new Uint8Array(width * plateMaxHeight);
  // How bright and how solid: letters are white, and an emoji keeps its features.
  for (let at = 0; at < ink.length; at++) {
    const [red = 0, green = 0, blue = 0, solid = 0] = data.subarray(at * 4, at * 4 + 4);
    ink[at] = (solid * (red * 0.3 + green * 0.59 + blue * 0.11)) / 255;
  }
  return isClean(ink, width) ? packPlate({ width, height: plateMaxHeight, ink }) : null;
}

/** Nothing is drawn at the left edge, and something somewhere: a browser that answers with noise or white is found out. */
function isClean(ink: Uint8Array, width: number): boolean {
  for (let y = 0; y < plateMaxHeight; y++) if (ink[y * width]! > 16) return false;
  return ink.some((value) => value > 128);
}

/** By whole characters, as people see them. */
function shortened(name: string, fits: (text: string) => boolean): string {
  if (fits(name)) return name;
  const letters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  while (letters.length > 0 && !fits(`${letters.join("")}…`)) letters.pop();
  return `${letters.join("")}…`;
}
