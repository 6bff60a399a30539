import { AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Codec, CodecContext, Frame, Packet } from "node-av/lib";
import { expect, test } from "vitest";
import { thumbnailSize } from "../../protocol/film.ts";
import { sheetOf } from "./sheet.ts";
import { thumbnailOf } from "./still.ts";

const { width, height } = thumbnailSize;

function thumbnail(shade: number): Buffer {
  const frame = new Frame();
  frame.alloc();
  frame.width = 1280;
  frame.height = 720;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.getBuffer();
  const [luma, blue, red] = frame.data!;
  const stride = frame.linesize[0]!;
  for (let at = 0; at < luma!.length; at++) luma![at] = 16 + (((at % stride) * shade) % 200);
  blue!.fill(128 - shade * 10);
  red!.fill(128 + shade * 10);
  return thumbnailOf(frame);
}

/** Brightness, row by row. */
function decoded(jpeg: Buffer): { width: number; height: number; rows: Buffer[] } {
  const codec = Codec.findDecoderByName("mjpeg" as Parameters<typeof Codec.findDecoderByName>[0])!;
  const context = new CodecContext();
  context.allocContext3(codec);
  context.open2Sync(codec, null);
  const packet = new Packet();
  packet.alloc();
  packet.data = jpeg;
  const frame = new Frame();
  frame.alloc();
  expect(context.sendPacketSync(packet)).toBeGreaterThanOrEqual(0);
  expect(context.receiveFrameSync(frame)).toBeGreaterThanOrEqual(0);
  expect(frame.decodeErrorFlags).toBe(0);
  const [luma, stride, across] = [frame.data![0]!, frame.linesize[0]!, frame.width];
  const rows = Array.from({ length: frame.height }, (_, y) => Buffer.from(luma.subarray(y * stride, y * stride + across)));
  return { width: frame.width, height: frame.height, rows };
}

test("a sheet is the very pictures that were laid on it, and a missing one looks as the one before", () => {
  const pictures = Array.from({ length: 11 }, (_, index) => thumbnail(index + 1));
  const sheet = decoded(sheetOf([...pictures.slice(0, 10), null, pictures[10]!])!);
  expect([sheet.width, sheet.height]).toEqual([width, 12 * height]);
  const rowsOf = (index: number) => Buffer.concat(sheet.rows.slice(index * height, (index + 1) * height));
  for (const [index, of] of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10].entries())
    expect(rowsOf(index).equals(Buffer.concat(decoded(pictures[of]!).rows)), `picture ${index}`).toBe(true);
});

test("what is no JPEG is no picture, and of no pictures there is no sheet", () => {
  expect(sheetOf([])).toBeNull();
  expect(sheetOf([null, Buffer.from("nothing")])).toBeNull();
  const picture = thumbnail(3);
  expect(decoded(sheetOf([Buffer.from("torn"), picture, picture.subarray(0, 400)])!).height).toBe(3 * height);
});
