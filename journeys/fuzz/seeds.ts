// Good recordings in every codec and container that is accepted, encoded here and now: what mutations are made of.
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  type VideoCodec,
  WebMOutputFormat,
} from "mediabunny";
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_LOG_FATAL,
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_STRING,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, Rational } from "node-av/lib";
import { ordinary } from "../../server/compose/ordinary.fixture.ts";

export interface Seed {
  name: string;
  bytes: Buffer;
}

/** Of each recording: two key frames, and enough to compose half a window of. */
export const seedMs = 1600;
const fps = 30;
const [width, height] = [160, 96];

const codecs: readonly { name: string; codec: VideoCodec; encoder: string; options: Record<string, string>; config: string }[] = [
  { name: "VP8", codec: "vp8", encoder: "libvpx", options: { deadline: "realtime", "cpu-used": "8" }, config: "vp8" },
  { name: "VP9", codec: "vp9", encoder: "libvpx-vp9", options: { deadline: "realtime", "cpu-used": "8" }, config: "vp09.00.10.08" },
  { name: "AV1", codec: "av1", encoder: "libsvtav1", options: { preset: "12", "svtav1-params": "lookahead=0" }, config: "av01.0.00M.08" },
  { name: "H.264", codec: "avc", encoder: "libx264", options: { preset: "ultrafast", tune: "zerolatency" }, config: "avc1.42e01f" },
];

export async function seeds(): Promise<Seed[]> {
  Log.setLevel(AV_LOG_FATAL);
  const sounds = encodeSound();
  const out: Seed[] = [];
  for (const { name, codec, encoder, options, config } of codecs) {
    const pictures = encodePictures(encoder, options);
    const containers: [string, OutputFormat][] = [
      [
        "WebM",
        codec === "avc"
          ? new MkvOutputFormat({ appendOnly: true })
          : new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: 0.4 }),
      ],
      ...(codec === "vp8"
        ? []
        : ([["MP4", new Mp4OutputFormat({ fastStart: "fragmented", minimumFragmentDuration: 0.4 })]] as [string, OutputFormat][])),
    ];
    for (const [container, format] of containers) {
      const bytes = await mux(format, codec, config, pictures, sounds);
      out.push({ name: `${name} in ${container}`, bytes });
    }
  }
  return out;
}

async function mux(
  format: OutputFormat,
  codec: VideoCodec,
  config: string,
  pictures: EncodedPacket[],
  sounds: EncodedPacket[],
): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const [video, audio] = [new EncodedVideoPacketSource(codec), new EncodedAudioPacketSource("opus")];
  // Pictures of H.264 lie on their side, as a phone's do.
  output.addVideoTrack(video, { frameRate: fps, rotation: codec === "avc" ? 90 : 0 });
  output.addAudioTrack(audio);
  await output.start();
  const both = [...pictures.map((packet) => ({ packet, of: "picture" })), ...sounds.map((packet) => ({ packet, of: "sound" }))];
  for (const { packet, of } of both.toSorted((a, b) => a.packet.timestamp - b.packet.timestamp)) {
    if (of === "picture") await video.add(packet, { decoderConfig: { codec: config, codedWidth: width, codedHeight: height } });
    else await audio.add(packet, { decoderConfig: { codec: "opus", numberOfChannels: 1, sampleRate: 48_000 } });
  }
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}

function encodePictures(encoder: string, options: Record<string, string>): EncodedPacket[] {
  const context = open(encoder, (made) => {
    made.width = width;
    made.height = height;
    made.pixelFormat = AV_PIX_FMT_YUV420P;
    made.timeBase = new Rational(1, fps);
    made.framerate = new Rational(fps, 1);
    made.gopSize = 20;
    made.bitRate = 150_000n;
    for (const [name, value] of Object.entries(options))
      FFmpegError.throwIfError(made.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), name);
  });
  const packets: EncodedPacket[] = [];
  const take = (packet: Packet) =>
    packets.push(
      new EncodedPacket(Uint8Array.from(packet.data ?? []), packet.isKeyframe ? "key" : "delta", Number(packet.pts) / fps, 1 / fps),
    );
  for (let tick = 0; tick < (seedMs * fps) / 1000; tick++) {
    const planes = Buffer.alloc((width * height * 3) / 2, 128);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) planes[row * width + column] = (column * 2 + row + tick * 5) & 255;
    const frame = Frame.fromVideoBuffer(planes, {
      width,
      height,
      format: AV_PIX_FMT_YUV420P,
      timeBase: { num: 1, den: fps },
      pts: BigInt(tick),
    });
    feed(context, frame, take);
  }
  feed(context, null, take);
  context.freeContext();
  ordinary();
  return packets;
}

function encodeSound(): EncodedPacket[] {
  const layout = { nbChannels: 1, order: AV_CHANNEL_ORDER_NATIVE, mask: 4n };
  const context = open("libopus", (made) => {
    made.sampleRate = 48_000;
    made.sampleFormat = AV_SAMPLE_FMT_FLT;
    made.channelLayout = layout;
    made.bitRate = 24_000n;
    made.timeBase = new Rational(1, 48_000);
  });
  const packets: EncodedPacket[] = [];
  const take = (packet: Packet) => packets.push(new EncodedPacket(Uint8Array.from(packet.data ?? []), "key", packets.length / 50, 1 / 50));
  for (let at = 0; at < seedMs * 48; at += 960) {
    const samples = Buffer.alloc(960 * 4);
    for (let index = 0; index < 960; index++) samples.writeFloatLE(0.3 * Math.sin((at + index) / 20), index * 4);
    const frame = Frame.fromAudioBuffer(samples, {
      nbSamples: 960,
      format: AV_SAMPLE_FMT_FLT,
      sampleRate: 48_000,
      channelLayout: layout,
      timeBase: { num: 1, den: 48_000 },
      pts: BigInt(at),
    });
    feed(context, frame, take);
  }
  feed(context, null, take);
  context.freeContext();
  return packets;
}

function open(name: string, prepare: (context: CodecContext) => void): CodecContext {
  const codec = Codec.findEncoderByName(name as FFEncoderCodec);
  if (!codec) throw new Error(`this FFmpeg has no encoder ${name}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  prepare(context);
  FFmpegError.throwIfError(context.open2Sync(codec, null), name);
  return context;
}

function feed(context: CodecContext, frame: Frame | null, take: (packet: Packet) => void): void {
  FFmpegError.throwIfError(context.sendFrameSync(frame), "encoding");
  frame?.free();
  const packet = new Packet();
  packet.alloc();
  while (context.receivePacketSync(packet) >= 0) {
    take(packet);
    packet.unref();
  }
  packet.free();
}
