// For tests: somebody, and what the server says first to them.
import type { CallDown, Participant } from "../../protocol/call.ts";

export const idOf = (prefix: string, last: string) => `${prefix}_${last.padStart(26, "0")}`;

export const me: Participant = {
  id: idOf("par", "1"),
  name: "Asha",
  role: "guest",
  hosting: false,
  instance: "instance-1234",
  recorded: false,
  microphone: false,
  camera: false,
  screen: null,
  handMs: null,
};

export const welcome: CallDown & { type: "welcome" } = {
  type: "welcome",
  me: { id: me.id, secret: "s", role: me.role },
  room: { id: idOf("room", "1"), name: "Monday" },
  participants: [me],
  countdownMs: null,
  rules: { locked: false, observersSpeak: false, keepWhispers: false },
  chat: [],
  bookmarks: [],
  recording: null,
  iceServers: [],
  relayOnly: false,
};
