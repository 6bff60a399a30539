// What a browser must have for calls and recordings; asked before any page is loaded.

const needs: [name: string, there: () => boolean][] = [
  ["WebRTC", () => "RTCPeerConnection" in window && "restartIce" in RTCPeerConnection.prototype],
  ["MediaRecorder", () => "MediaRecorder" in window],
  ["WebSocket", () => "WebSocket" in window],
  ["Worker", () => "Worker" in window],
  ["BigInt", () => "BigInt" in window],
  ["popover", () => "popover" in HTMLElement.prototype],
  ["dialog", () => "HTMLDialogElement" in window],
  ["toSorted", () => "toSorted" in Array.prototype],
  ["light-dark()", () => CSS.supports("color", "light-dark(red, blue)")],
];

/** Names of what this browser lacks; empty: nothing. */
export function lacking(): string[] {
  return needs.filter(([, there]) => !there()).map(([name]) => name);
}
