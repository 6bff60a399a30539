// Other formats that pretend to be a recording, and recordings with such a format inside: what FFmpeg would follow if it were asked what a file is.
import { deflateRawSync } from "node:zlib";
import { cluster, mp4Head, u32, webmHead, webmSegment } from "../../server/align/media.fixture.ts";
import { hex, join, type Made, text } from "./bytes.ts";

/** `neighbour`: a path to somebody else's file. */
export function disguised(neighbour: string): Made[] {
  const files: [string, string][] = [
    ["ffconcat", `ffconcat version 1.0\nfile '${neighbour}'\n`],
    ["ffconcat, absolute", "ffconcat version 1.0\nfile '/etc/passwd'\n"],
    ["m3u8", `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${neighbour}\n#EXT-X-ENDLIST\n`],
    ["m3u8 over http", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nhttp://127.0.0.1:9/a.ts\n"],
    ["m3u8 with concat protocol", "#EXTM3U\n#EXTINF:1,\nconcat:http://127.0.0.1:9/|file:///etc/passwd\n"],
    [
      "mpd",
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>file://${neighbour}</BaseURL></Period></MPD>`,
    ],
    ["sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"],
    [
      "svg",
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://${neighbour}"/></svg>`,
    ],
    ["svg with an entity", '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'],
    ["image2 pattern", "%05d.png\n/etc/%s\n"],
    ["xbin", "XBIN\x1a\x50\x00\x19\x00\x10\x00"],
    ["ass", "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,,,,,,,{\\p1}m 0 0 l 100000 100000\n"],
    ["srt", "1\n00:00:00,000 --> 00:00:10,000\n#EXTM3U\n"],
    ["vtt", "WEBVTT\n\n00:00.000 --> 00:10.000\nfile:///etc/passwd\n"],
    ["lrc", "[00:00.00]file:///etc/passwd\n"],
    ["m3u", `#EXTINF:1,x\n${neighbour}\n`],
    ["pls", `[playlist]\nFile1=${neighbour}\nNumberOfEntries=1\n`],
    ["xspf", `<playlist><trackList><track><location>file://${neighbour}</location></track></trackList></playlist>`],
    ["ism", `<SmoothStreamingMedia><StreamIndex Url="${neighbour}"/></SmoothStreamingMedia>`],
    ["imf", `<CompositionPlaylist><Id>${neighbour}</Id></CompositionPlaylist>`],
    ["smil", `<smil><body><video src="${neighbour}"/></body></smil>`],
    ["ffmetadata", ";FFMETADATA1\ntitle=x\n[CHAPTER]\nSTART=0\nEND=99999999999999999999\n"],
    ["nut", "nut/multimedia container\0"],
    ["tee", "[f=null]-|[f=mp4]/tmp/x"],
    ["lavfi graph", "movie=/etc/passwd"],
    ["avisynth", 'AviSource("/etc/passwd")'],
    ["vapoursynth", "import os; os.system('id')"],
    ["concat protocol", "concat:/etc/passwd|/etc/shadow"],
    ["subfile protocol", "subfile,,start,0,end,100,,:/etc/passwd"],
    ["data url", "data:video/webm;base64,GkXfow=="],
    ["html", "<!doctype html><script>alert(1)</script>"],
    ["shell", "#!/bin/sh\nid\n"],
    ["empty lines", "\n".repeat(100)],
    ["zeros", "\0".repeat(4096)],
    ["percent patterns", "%n%n%n%n%s%s%s%s".repeat(20)],
  ];
  const bytes: Made[] = [
    [
      "AVI with a GAB2 subtitle playlist",
      join("RIFF", u32(0x100), "AVI LIST", u32(0x40), "strl", "GAB2\0\x02\0", "#EXTM3U\nfile:///etc/passwd"),
    ],
    ["WAV", join("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", new Uint8Array(20))],
    ["Ogg", join("OggS\0\x02", new Uint8Array(60))],
    ["FLV", join("FLV\x01\x05\0\0\0\x09", new Uint8Array(40))],
    ["MPEG-TS", Buffer.alloc(1880, join([0x47, 0x40, 0, 0x10], new Uint8Array(184).fill(255)))],
    ["MPEG-PS", hex("000001ba 44000400 0401 0189c3f8 000001bb")],
    ["PNG", hex("89504e470d0a1a0a 0000000d49484452 7fffffff7fffffff0806000000")],
    ["GIF of 65535 × 65535", join("GIF89a", hex("ffffffff f70000"))],
    ["JPEG", hex("ffd8ffe000104a464946000101")],
    ["TIFF", hex("49492a0008000000")],
    ["ZIP bomb", join("PK\x03\x04\x14\0\0\0\x08\0", new Uint8Array(16), deflateRawSync(Buffer.alloc(1_000_000)))],
    ["gzip", hex("1f8b0800000000000003")],
    ["ELF", hex("7f454c46020101000000000000000000")],
    ["PDF", text("%PDF-1.7\n1 0 obj<</AA<</O/JavaScript>>>>")],
    ["FLAC", join("fLaC", new Uint8Array(38))],
    ["ID3 of 256 MB", join("ID3\x04\0\0\x7f\x7f\x7f\x7f", new Uint8Array(50))],
    ["MP3", hex("fffb9064")],
    ["ADTS", hex("fff15080 00000000 00000000")],
    ["SWF", join("FWS\x09", new Uint8Array(30))],
    ["RealMedia", join(".RMF\0\0\0\x12", new Uint8Array(20))],
    ["ASF", hex("3026b2758e66cf11a6d900aa0062ce6c")],
    ["MXF", hex("060e2b34020501010d01020101020400")],
    ["a key of one byte", hex("1a")],
    ["half a key", hex("1a45df")],
    ["UTF-16 playlist", Buffer.from("\ufeff#EXTM3U\nfile:///etc/passwd", "utf16le")],
  ];
  const plain = files.map(([name, content]): Made => [name, text(content)]);
  const playlists = plain.slice(0, 12);
  const after = (head: Buffer, how: string) => playlists.map(([name, content]): Made => [`${name} ${how}`, join(head, content)]);
  return [
    ...plain,
    ...bytes,
    ...after(webmHead(), "behind a WebM head"),
    ...after(mp4Head(), "behind an MP4 head"),
    ...after(join(webmSegment(1)), "behind a second of WebM"),
    ...playlists.map(
      ([name, content]): Made => [
        `${name} as a frame`,
        join(webmHead(), cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: content }])),
      ],
    ),
  ];
}
