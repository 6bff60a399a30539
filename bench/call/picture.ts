// A camera for benches whose picture costs bits, as a real one's does: a room that stands still, a head that moves, a sensor's noise, as a file that
// Chromium's own camera plays over and over. What canvases draw is so smooth that a call of it fits through any uplink.
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface PictureOptions {
  width: number;
  height: number;
  /** How far a pixel may be off, of 255, from picture to picture. */
  noise: number;
}

const fps = 30;
/** The noise is drawn once and laid on at another place in each picture. */
const grains = 1 << 20;

/** Four seconds of YUV4MPEG2; answers what to tell the browser. At 640×360 in about 2 s, 41 MB. */
export function cameraFile(folder: string, { width, height, noise }: PictureOptions): string[] {
  const path = join(folder, `camera-${width}x${height}.y4m`);
  const file = openSync(path, "w");
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
  const room = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      room[y * width + x] = 118 + 34 * Math.sin((x * 640) / width / 37) * Math.cos((y * 360) / height / 23) + 16 * Math.sin((x + y) / 7);
  const grain = new Int8Array(grains);
  for (let at = 0; at < grains; at++) grain[at] = (Math.random() * 2 - 1) * noise;
  const frames = 4 * fps;
  const picture = new Uint8ClampedArray(width * height);
  const colour = new Uint8Array((width * height) / 2).fill(128);
  for (let frame = 0; frame < frames; frame++) {
    // Ends where it begins.
    const turn = (2 * Math.PI * frame) / frames;
    const [headX, headY, radius] = [width * (0.5 + 0.08 * Math.sin(turn * 2)), height * (0.55 + 0.02 * Math.sin(turn * 5)), height * 0.28];
    const from = Math.floor(Math.random() * (grains - 1));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        const [dx, dy] = [(x - headX) / (radius * 0.75), (y - headY) / radius];
        const shade = dx * dx + dy * dy < 1 ? 168 + 24 * Math.sin((x - headX) / 6) * Math.cos((y - headY) / 8) : room[at]!;
        picture[at] = shade + grain[(from + at) % grains]!;
      }
    }
    writeSync(file, "FRAME\n");
    writeSync(file, picture);
    writeSync(file, colour);
  }
  closeSync(file);
  return [`--use-file-for-fake-video-capture=${path}`];
}
