import { expect, test } from "vitest";
import { browserOf, mimeTypes } from "./recorder.ts";

test("the browser is told from its user agent", () => {
  const chromium = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
  const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15";
  expect(browserOf(chromium)).toEqual({ browser: "chromium", version: 156 });
  expect(browserOf(chromium.replace("Chrome", "HeadlessChrome"))).toEqual({ browser: "chromium", version: 156 });
  expect(browserOf(firefox)).toEqual({ browser: "firefox", version: 153 });
  expect(browserOf(safari)).toEqual({ browser: "other", version: 26 });
});

test("H.264 comes before VP8, and WebM before MP4", () => {
  expect(mimeTypes(true, true)).toEqual(["video/webm;codecs=h264,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"]);
});

test("a codec is asked for only where there is a track for it", () => {
  expect(mimeTypes(true, false)[0]).toBe("video/webm;codecs=h264");
  expect(mimeTypes(false, true)[0]).toBe("audio/webm;codecs=opus");
});
