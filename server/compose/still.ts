// Single pictures of the film as JPEG: small ones for scrubbing, one for each window, and a large one as the poster.
// Promise: all small ones of a film are coded with the same tables, so that their bytes can be laid one after the other into one picture.
import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_CODEC_FLAG_QSCALE, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG } from "node-av/constants";
import { Codec, CodecContext, FilterGraph, type Frame, Rational } from "node-av/lib";
import { thumbnailSize } from "../../protocol/film.ts";
import type { Stream } from "../align/container.ts";
import { newFrame, openDecoder } from "./decode.ts";
import type { Canvas } from "./layout.ts";
import { must, newPacket, setOptions } from "./libav.ts";
import type { FilmFormat } from "./mp4.ts";

/** Of FFmpeg's quality scale, 2 (best) to 31: about 6 kB for a thumbnail of two faces, 100 kB for a poster of 1280×720. */
const quality = { thumbnail: 5, poster: 4 };
/** FF_QP2LAMBDA */
const lambda = 118;

/** `thumbnailSize`, with margins where the film has another shape. */
export function thumbnailOf(frame: Frame): Buffer {
  const { width, height } = thumbnailSize;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=area:out_range=pc,pad=${width}:${height}:-1:-1`;
  return jpegOf(frame, fit, { width, height }, quality.thumbnail);
}

/** The first picture of a window, in the film's size. */
export function posterOf({ avcC, canvas }: FilmFormat, first: Buffer): Buffer {
  const decoder = openDecoder(streamOf(avcC, canvas));
  const packet = newPacket();
  const frame = newFrame();
  try {
    packet.data = first;
    packet.pts = 0n;
    packet.isKeyframe = true;
    must(decoder.sendPacketSync(packet), "decoding a picture");
    // It would wait for more before it gives the first one out.
    must(decoder.sendPacketSync(null), "decoding a picture");
    must(decoder.receiveFrameSync(frame), "decoding a picture");
    return jpegOf(frame, "scale=out_range=pc", canvas, quality.poster);
  } finally {
    packet.free();
    frame.free();
    decoder.freeContext();
  }
}

/** The film's pictures as a stream of a container. */
function streamOf(avcC: Buffer, { width, height }: Canvas): Stream {
  const none = { sampleRate: 0, channels: 0, preSkip: 0, sampleFormat: null, turned: 0, mirrored: false } as const;
  return { number: 1, kind: "video", codec: "h264", width, height, lengthPrefixed: true, extra: avcC, ...none };
}

function jpegOf(frame: Frame, filter: string, size: { width: number; height: number }, scale: number): Buffer {
  const scaled = newFrame();
  const graph = new FilterGraph();
  const context = new CodecContext();
  const packet = newPacket();
  try {
    graph.alloc();
    graph.nbThreads = 1;
    const source = `buffer@in=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/30:pixel_aspect=1/1:range=tv`;
    must(graph.parsePtr(`${source},${filter},format=yuvj420p,buffersink@out`), "building a scaler");
    must(graph.configSync(), "building a scaler");
    must(graph.getFilter("buffer@in")!.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), "scaling");
    must(graph.getFilter("buffersink@out")!.buffersinkGetFrameSync(scaled), "scaling");
    context.allocContext3(jpegEncoder());
    context.width = size.width;
    context.height = size.height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 30);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = scale * lambda;
    setOptions(context, { huffman: "default" });
    must(context.open2Sync(jpegEncoder(), null), "opening the JPEG encoder");
    scaled.pts = 0n;
    scaled.quality = scale * lambda;
    must(context.sendFrameSync(scaled), "encoding a JPEG");
    must(context.sendFrameSync(null), "encoding a JPEG");
    must(context.receivePacketSync(packet), "encoding a JPEG");
    return Buffer.from(packet.data ?? []);
  } finally {
    packet.free();
    scaled.free();
    graph.free();
    context.freeContext();
  }
}

function jpegEncoder(): Codec {
  const codec = Codec.findEncoderByName("mjpeg" as Parameters<typeof Codec.findEncoderByName>[0]);
  if (!codec) throw new Error("this FFmpeg has no encoder mjpeg");
  return codec;
}
