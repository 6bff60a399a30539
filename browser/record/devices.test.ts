import { afterEach, expect, test, vi } from "vitest";
import { openDevices, openScreen } from "./devices.ts";

const both = { cameraId: null, microphoneId: null, camera: true, microphone: true };
const camera = { kind: "videoinput", deviceId: "c" };
const microphone = { kind: "audioinput", deviceId: "m" };

/** A browser that answers every request with this error, on a machine that has these devices. */
function refusing(name: string, message = "", devices: { kind: string }[] = []): void {
  const refuse = async () => {
    throw new DOMException(message, name);
  };
  const mediaDevices = { getUserMedia: refuse, getDisplayMedia: refuse, enumerateDevices: async () => devices };
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("navigator", { mediaDevices, permissions: { query: async () => ({ state: "prompt" }) } });
}

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["a microphone is missing", [camera], both, "microphone-missing", "No microphone was found."],
  ["a camera is missing", [microphone], both, "camera-missing", "No camera was found."],
  ["both are missing", [], both, "camera-missing", "No camera or microphone was found."],
  ["nobody asked for the camera that is missing", [], { ...both, camera: false }, "microphone-missing", "No microphone was found."],
  ["it cannot be told", [camera, microphone], both, "camera-missing", "No camera or microphone was found."],
])("what is missing is named: %s", async (_, devices, choice, code, words) => {
  refusing("NotFoundError", "Requested device not found", devices);
  await expect(openDevices(choice)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test.each([
  ["Could not start audio source", both, "microphone-busy"],
  ["Failed to allocate audiosource", both, "microphone-busy"],
  ["Could not start video source", both, "camera-busy"],
  ["", both, "camera-busy"],
  ["", { ...both, camera: false }, "microphone-busy"],
])("what is in use elsewhere is named: %s", async (message, choice, code) => {
  refusing("NotReadableError", message, [camera, microphone]);
  await expect(openDevices(choice)).rejects.toMatchObject({ code });
});

test("whoever chooses no screen is told nothing; a screen that cannot be shared is no camera", async () => {
  refusing("NotAllowedError", "Permission denied");
  expect(await openScreen()).toBeNull();
  refusing("NotAllowedError", "Permission denied by system");
  await expect(openScreen()).rejects.toMatchObject({ code: "screen-failed", message: expect.stringContaining("system's settings") });
  refusing("AbortError", "Error starting capture");
  await expect(openScreen()).rejects.toMatchObject({ code: "screen-failed", message: expect.not.stringContaining("amera") });
});
