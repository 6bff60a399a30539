import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import { Container } from "./container.ts";
import { box, cluster, element, fragment, mp4Head, mp4Segment, opus20ms, u32, webmHead, webmSegment } from "./media.fixture.ts";

function read(bytes: Uint8Array, cuts: readonly number[] = []): Container {
  const container = new Container();
  let from = 0;
  for (const cut of [...cuts].map((part) => part % (bytes.length + 1)).sort((a, b) => a - b)) {
    container.push(bytes.subarray(from, cut));
    from = cut;
  }
  container.push(bytes.subarray(from));
  return container;
}

function sentenceOf(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe("not-media");
    return (error as UserError).message;
  }
  throw new Error("was accepted");
}

const seen = (container: Container) => ({
  streams: container.streams,
  packets: [...container.packets],
  bytes: container.bytes,
  damagedBytes: container.damagedBytes,
});

for (const [name, file] of [
  ["WebM", webmSegment(3)],
  ["fragmented MP4", mp4Segment(3)],
] as const) {
  test(`any chunking of a ${name} segment gives the same packets`, () => {
    const whole = seen(read(file));
    expect(whole.packets.length).toBeGreaterThan(100);
    expect(whole.damagedBytes).toBe(0);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        expect(seen(read(file, cuts))).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(
      seen(
        read(
          file,
          Array.from({ length: file.length }, (_, index) => index),
        ),
      ),
    ).toEqual(whole);
  });

  test(`a damaged ${name} segment never throws after its head, whatever the damage, and any chunking sees the same`, () => {
    const head = name === "WebM" ? webmHead().length : mp4Head().length;
    const damage = fc.record({
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }),
      cuts: fc.array(fc.nat(), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(damage, ({ at, bytes, cuts }) => {
        const broken = Buffer.from(file);
        const place = head + (at % (file.length - head));
        broken.set(bytes.subarray(0, broken.length - place), place);
        const tail = Buffer.concat([
          broken,
          name === "WebM" ? cluster(9000, [{ track: 2, relativeMs: 0, key: true, payload: opus20ms }]) : fragment(9),
        ]);
        // Lacing in the very first block is the one thing that is still a refusal.
        let whole: ReturnType<typeof seen>;
        try {
          whole = seen(read(tail));
        } catch (error) {
          expect((error as Error).message).toContain("lacing");
          return;
        }
        expect(seen(read(tail, cuts))).toEqual(whole);
        for (const packet of whole.packets) expect(packet.offset + packet.size).toBeLessThanOrEqual(tail.length);
      }),
      { numRuns: 400 },
    );
  });
}

test("bytes that are nothing in particular are refused with UserError or waited for, and nothing else happens", () => {
  const starts = [
    Buffer.alloc(0),
    Buffer.from([0x1a, 0x45, 0xdf, 0xa3]),
    Buffer.from("\0\0\0\x10ftyp"),
    webmHead().subarray(0, 60),
    mp4Head().subarray(0, 120),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }), (start, bytes) => {
      try {
        read(Buffer.concat([start, bytes]));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("WebM streams and packets carry what the file says", () => {
  const head = webmHead({ audio: { codec: "A_OPUS", rate: 44_100, channels: 2, preSkip: 312, delayNs: 6_500_000 } });
  const file = Buffer.concat([
    head,
    cluster(1000, [
      { track: 1, relativeMs: 0, key: true, payload: Uint8Array.from([1, 2, 3]) },
      { track: 2, relativeMs: 6, key: true, payload: opus20ms },
      { track: 1, relativeMs: -10, key: false, grouped: true, payload: Uint8Array.from([4, 5]) },
    ]),
  ]);
  const { streams, packets } = read(file);
  expect(streams).toMatchObject([
    { number: 1, kind: "video", codec: "vp8", width: 640, height: 360, extra: null },
    { number: 2, kind: "audio", codec: "opus", sampleRate: 48_000, channels: 2, preSkip: 312 },
  ]);
  expect([...packets].map(({ offset, ...rest }) => ({ ...rest, bytes: [...file.subarray(offset, offset + rest.size)] }))).toEqual([
    { stream: 1, kind: "video", mediaMs: 1000, size: 3, key: true, afterDamage: false, samples: 0, bytes: [1, 2, 3] },
    { stream: 2, kind: "audio", mediaMs: 999.5, size: 4, key: true, afterDamage: false, samples: 960, bytes: [...opus20ms] },
    { stream: 1, kind: "video", mediaMs: 990, size: 2, key: false, afterDamage: false, samples: 0, bytes: [4, 5] },
  ]);
});

test("fragmented MP4 streams and packets carry what the file says", () => {
  const { streams, packets } = read(mp4Segment(2));
  expect(streams).toMatchObject([
    { number: 1, kind: "video", codec: "h264", width: 640, height: 360, lengthPrefixed: true },
    { number: 2, kind: "audio", codec: "opus", sampleRate: 48_000, preSkip: 312 },
  ]);
  const pictures = [...packets].filter((packet) => packet.kind === "video");
  expect(pictures.filter((packet) => packet.key).map((packet) => packet.mediaMs)).toEqual([0, 1000]);
  expect(pictures[31]!.mediaMs).toBeCloseTo(1033.333, 2);
  const sounds = [...packets].filter((packet) => packet.kind === "audio");
  expect(sounds.map((packet) => packet.mediaMs)).toEqual(Array.from({ length: 100 }, (_, index) => index * 20));
  expect(sounds.every((packet) => packet.samples === 960)).toBe(true);
});

test("a packet appears only when its last byte is here", () => {
  const file = Buffer.concat([webmHead(), cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: new Uint8Array(100) }])]);
  expect(read(file.subarray(0, -1)).packets).toHaveLength(0);
  expect(read(file).packets).toHaveLength(1);
  const mp4 = Buffer.concat([mp4Head(), fragment(1)]);
  expect(read(mp4.subarray(0, -1)).packets).toHaveLength(79);
});

test("after a cluster is overwritten, packets go on at the next one, marked as coming after damage", () => {
  const file = webmSegment(5);
  const second = file.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]), webmHead().length + 4);
  file.fill(0xee, second, second + 40);
  const { packets, damagedBytes } = read(file);
  expect(damagedBytes).toBeGreaterThan(1000);
  const after = [...packets].filter((packet) => packet.afterDamage);
  expect(after.map(({ kind, mediaMs }) => ({ kind, mediaMs }))).toEqual([
    { kind: "video", mediaMs: 2000 },
    { kind: "audio", mediaMs: 2040 },
  ]);
});

test("a block whose size was damaged does not swallow the clusters after it", () => {
  const file = webmSegment(6);
  const block = file.indexOf(Buffer.from([0xa3, 0x10]), webmHead().length);
  file.writeUInt32BE(0x10ffffff, block + 1);
  const times = [...read(file).packets].filter((packet) => packet.key && packet.kind === "video").map((packet) => packet.mediaMs);
  expect(times).toEqual([1000, 2000, 3000, 4000, 5000]);
});

test("a damaged MP4 fragment is left out and the next one is read", () => {
  const parts = [mp4Head(), fragment(1), fragment(2), fragment(3)];
  parts[2]!.writeUInt32BE(0x7fffffff, 100);
  const { packets, damagedBytes } = read(Buffer.concat(parts));
  expect(damagedBytes).toBe(parts[2]!.length);
  expect(
    [...packets].filter((packet) => packet.key && packet.kind === "video").map((packet) => [packet.mediaMs, packet.afterDamage]),
  ).toEqual([
    [0, false],
    [2000, true],
  ]);
});

test("a refusal says what was found", () => {
  expect(sentenceOf(Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"))).toBe(
    'This is a text file (it begins with "ffconcat version 1.0"), not a WebM or MP4 recording.',
  );
  expect(sentenceOf(Buffer.from("#EXTM3U\n#EXT-X-VERSION:3"))).toContain("HLS playlist");
  expect(sentenceOf(Buffer.from("RIFF\0\0\0\0AVI LIST"))).toContain("RIFF file (AVI)");
  expect(sentenceOf(webmHead({ docType: "mumble" }))).toContain('"mumble"');
  expect(sentenceOf(webmHead({ video: { codec: "V_MPEG2", width: 640, height: 360 } }))).toContain('"V_MPEG2"');
  expect(sentenceOf(webmHead({ audio: { codec: "A_AAC", rate: 48_000, channels: 2 } }))).toContain('"A_AAC"');
  expect(sentenceOf(webmHead({ video: { codec: "V_VP8", width: 5000, height: 360 } }))).toContain("5000×360");
  expect(sentenceOf(webmHead({ video: { codec: "V_VP8", width: 0, height: 360 } }))).toContain("0×360");
  expect(sentenceOf(webmHead({ video: null, audio: null }))).toContain("neither picture nor sound");
  expect(sentenceOf(Buffer.concat([webmHead().subarray(0, 24), element(0x1f43b675, null)]))).toMatch(/WebM/);
  expect(sentenceOf(mp4Head({ fragmented: false }))).toContain("only fragmented MP4");
  expect(sentenceOf(Buffer.concat([mp4Head().subarray(0, 16), box("mdat", new Uint8Array(50))]))).toContain("only fragmented MP4");
  expect(sentenceOf(mp4Head({ entry: "encv" }))).toContain('"encv"');
  expect(sentenceOf(mp4Head({ width: 9000 }))).toContain("9000×360");
  expect(sentenceOf(Buffer.concat([mp4Head().subarray(0, 16), u32(0x7f000000), Buffer.from("moov")]))).toContain("claims");
});

test("a refusal comes with the first twelve bytes when they are no recording's", () => {
  expect(() => read(Buffer.from("ffconcat ver"))).toThrow(UserError);
  expect(read(Buffer.from("ffconcat ve")).bytes).toBe(11);
});

test("lacing in the first block is refused", () => {
  const file = Buffer.concat([webmHead(), cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: new Uint8Array(9) }])]);
  file[file.length - 10] = 0x82;
  expect(sentenceOf(file)).toContain("lacing");
});

test("frames beyond number are refused before they fill the memory", () => {
  const blocks = Array.from({ length: 5000 }, () => ({ track: 2 as const, relativeMs: 0, key: true, payload: opus20ms }));
  expect(sentenceOf(Buffer.concat([webmHead(), cluster(0, blocks)]))).toContain("no recorder makes");
});
