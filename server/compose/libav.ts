// The few ways in which every call into FFmpeg is made alike: errors thrown, options set without the call that corrupts memory.
import { AV_LOG_FATAL, AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING } from "node-av/constants";
import { type CodecContext, FFmpegError, Log, Packet, type SoftwareScaleContext } from "node-av/lib";

// Broken packets are expected and reported in our own way.
Log.setLevel(AV_LOG_FATAL);

/** FFmpeg's answer when it is no error, else throws what it says. */
export function must(answer: number, what: string): number {
  if (answer < 0) throw new Error(`${what} failed`, { cause: new FFmpegError(answer) });
  return answer;
}

/** `open2Sync` with a dictionary frees it twice (node-av 6.1.1), so options are set one by one before. */
export function setOptions(context: CodecContext | SoftwareScaleContext, options: Record<string, string>): void {
  for (const [name, value] of Object.entries(options))
    must(context.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), `option ${name}`);
}

export function newPacket(): Packet {
  const packet = new Packet();
  packet.alloc();
  return packet;
}
