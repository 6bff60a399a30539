// How fast this browser can send to the server. Promise: at most 0.9 MB and three seconds, and nothing of it is kept anywhere.

const warmBytes = 50_000;
const pieceBytes = 200_000;
const mostPieces = 4;
const mostMs = 3000;

/** What an hour of camera and microphone takes, as recorded by default. */
export const hourBytes = 1.2e9;
export const recordingBitsPerSecond = (hourBytes * 8) / 3600;

/** `send` resolves when the server has taken the bytes. Bits per second. */
export async function uploadSpeed(send: (body: string) => Promise<void>, nowMs = () => performance.now()): Promise<number> {
  // The first bytes of a connection are slow, whatever the line.
  await send(noise(warmBytes));
  const startMs = nowMs();
  let sent = 0;
  for (let piece = 0; piece < mostPieces && nowMs() - startMs < mostMs; piece++) {
    await send(noise(pieceBytes));
    sent += pieceBytes;
  }
  return (sent * 8 * 1000) / Math.max(1, nowMs() - startMs);
}

/** Text that no one on the way can make smaller. */
function noise(bytes: number): string {
  let text = "";
  while (text.length < bytes) text += String.fromCharCode(...crypto.getRandomValues(new Uint8Array(8192)).map((byte) => 48 + (byte & 63)));
  return text.slice(0, bytes);
}
