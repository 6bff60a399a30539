// Who may say what: every message by every role, against the real signalling with sockets that are not.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { CallUp } from "../../protocol/call.ts";
import { makeId } from "../store/catalog.ts";
import { sqliteFull } from "../store/full.fixture.ts";
import { callRig, type Role } from "./call.fixture.ts";
import type { Spoken } from "./verbs.ts";

let rig: Awaited<ReturnType<typeof callRig>>;
beforeAll(async () => {
  rig = await callRig();
});
afterAll(() => rig.close());

/** A fresh room with one of each and a bystander, and a recording that is on. */
async function room() {
  const { catalog, enter, recordings, until } = rig;
  const { id } = await catalog.addRoom("Practice");
  const scenario = { title: "Talk", roles: [{ id: "one", title: "One", card: "You begin." }] };
  await catalog.plays.savePlay({ roomId: id, scenario: JSON.stringify(scenario), seed: "", draw: 0, persona: null, cast: "{}" });
  const host = await enter(id, "host");
  const guest = await enter(id, "guest");
  const observer = await enter(id, "observer");
  const bystander = await enter(id, "guest");
  const recording = await recordings.start(id);
  await until(() => bystander.socket.last("recording"));
  return { id, host, guest, observer, bystander, recording: recording.id };
}

type Setting = Awaited<ReturnType<typeof room>>;

const anything: { [T in Spoken]: (setting: Setting) => Extract<CallUp, { type: T }> } = {
  signal: ({ bystander }) => ({ type: "signal", to: bystander.id, signal: { candidate: null } }),
  media: () => ({ type: "media", microphone: true, camera: true, screen: "a-screen" }),
  record: () => ({ type: "record" }),
  stop: () => ({ type: "stop" }),
  pause: () => ({ type: "pause" }),
  resume: () => ({ type: "resume" }),
  track: ({ recording }) => ({ type: "track", recording, source: "camera" }),
  kept: ({ recording }) => ({ type: "kept", recording, source: "camera", bytes: 1, durationMs: 1 }),
  consent: () => ({ type: "consent", given: true }),
  heard: ({ recording, bystander }) => ({
    type: "heard",
    recording,
    heard: { of: bystander.id, fromMs: 0, stepsMs: [], levels: [127], bufferMs: null, roundTripMs: null },
  }),
  cast: ({ bystander }) => ({ type: "cast", participant: bystander.id, role: "one" }),
  draw: () => ({ type: "draw" }),
  swap: () => ({ type: "swap" }),
  chat: () => ({ type: "chat", body: "hello" }),
  bookmark: () => ({ type: "bookmark" }),
  hand: () => ({ type: "hand", up: true }),
  mute: ({ bystander }) => ({ type: "mute", participant: bystander.id }),
  remove: ({ bystander }) => ({ type: "remove", participant: bystander.id }),
  rules: () => ({ type: "rules", rules: { locked: true, observersSpeak: false, keepWhispers: false } }),
  whisper: ({ bystander }) => ({ type: "whisper", to: bystander.id, stream: "a-stream", on: true }),
  end: () => ({ type: "end" }),
  leave: () => ({ type: "leave" }),
};

/** "refused": told so. "passed over": without a word. What is not here does not compile. */
type Answer = "done" | "refused" | "passed over";
const table: Record<Spoken, Record<Role, Answer>> = {
  signal: { host: "done", guest: "done", observer: "done" },
  media: { host: "done", guest: "done", observer: "done" },
  consent: { host: "done", guest: "done", observer: "done" },
  hand: { host: "done", guest: "done", observer: "done" },
  bookmark: { host: "done", guest: "done", observer: "done" },
  leave: { host: "done", guest: "done", observer: "done" },
  kept: { host: "done", guest: "done", observer: "passed over" },
  heard: { host: "done", guest: "done", observer: "passed over" },
  track: { host: "done", guest: "done", observer: "refused" },
  chat: { host: "done", guest: "done", observer: "refused" },
  record: { host: "refused", guest: "refused", observer: "refused" },
  draw: { host: "refused", guest: "refused", observer: "refused" },
  cast: { host: "done", guest: "refused", observer: "refused" },
  swap: { host: "done", guest: "refused", observer: "refused" },
  stop: { host: "done", guest: "refused", observer: "refused" },
  pause: { host: "done", guest: "refused", observer: "refused" },
  resume: { host: "done", guest: "refused", observer: "refused" },
  mute: { host: "done", guest: "refused", observer: "refused" },
  remove: { host: "done", guest: "refused", observer: "refused" },
  rules: { host: "done", guest: "refused", observer: "refused" },
  whisper: { host: "done", guest: "refused", observer: "done" },
  end: { host: "done", guest: "refused", observer: "refused" },
};

test.each(Object.entries(table) as [Spoken, Record<Role, Answer>][])(
  "%s is for those it is for",
  async (verb, answers) => {
    for (const role of ["observer", "guest", "host"] as const) {
      const setting = await room();
      const speaker = setting[role];
      speaker.socket.say(anything[verb](setting));
      // Raised last, it is answered after everything before it; where the speaker went, the going is the answer.
      speaker.socket.say({ type: "hand", up: verb !== "hand" });
      speaker.socket.say({ type: "signal", to: speaker.id, signal: { candidate: null } });
      await rig.until(() => speaker.socket.closed !== null || speaker.socket.last("signal"));
      const refused = speaker.socket.last("refused");
      // The room records already: Record and another draw by the host are refused for that, and by the others for who they are.
      if (verb === "record" || verb === "draw") expect(refused?.code).toBe(role === "host" ? "already-recording" : "not-allowed");
      else if (verb !== "end" || role !== "host")
        expect(refused?.code, `${verb} by ${role}`).toBe(answers[role] === "refused" ? "not-allowed" : undefined);
      if (answers[role] === "refused") {
        expect(setting.bystander.socket.closed, `${verb} by ${role}`).toBeNull();
        expect((await rig.catalog.recording(setting.recording))?.durationMs, `${verb} by ${role}`).toBeNull();
      }
    }
  },
  30_000,
);

test("an observer has no camera and no screen, and a microphone only where observers may speak", async () => {
  const { observer, host, bystander } = await room();
  const seen = () => bystander.socket.last("changed")?.participant;
  observer.socket.say({ type: "media", microphone: true, camera: true, screen: "mine" });
  observer.socket.say({ type: "hand", up: true });
  await rig.until(() => seen()?.handMs);
  expect(seen()).toMatchObject({ microphone: false, camera: false, screen: null, recorded: false });
  host.socket.say({ type: "rules", rules: { locked: false, observersSpeak: true, keepWhispers: false } });
  await rig.until(() => observer.socket.last("rules")?.rules.observersSpeak);
  observer.socket.say({ type: "media", microphone: true, camera: true, screen: "mine" });
  await rig.until(() => seen()?.microphone);
  expect(seen()).toMatchObject({ camera: false, screen: null });
  host.socket.say({ type: "rules", rules: { locked: false, observersSpeak: false, keepWhispers: false } });
  await rig.until(() => observer.socket.last("muted"));
  await rig.until(() => seen()?.microphone === false);
});

test("a whisper is told to the one it is for, and nobody else hears a word about it", async () => {
  const { id, host, guest, observer, bystander } = await room();
  const late = await rig.enter(id, "guest");
  const whispered = { type: "whisper", from: observer.id, stream: "a-stream", on: true };
  observer.socket.say({ type: "whisper", to: guest.id, stream: "a-stream", on: true });
  expect(await rig.until(() => guest.socket.last("whisper"))).toEqual(whispered);
  const others = [host, bystander, late, observer];
  observer.socket.say({ type: "whisper", to: guest.id, stream: null, on: true });
  await rig.until(() => guest.socket.last("whisper")?.stream === null);
  expect(guest.socket.last("whisper")?.on).toBe(false);
  // Not to another observer, not to oneself, not to somebody who is not here.
  for (const to of [observer.id, host.id]) host.socket.say({ type: "whisper", to, stream: "s", on: true });
  host.socket.say({ type: "whisper", to: makeId("par"), stream: "s", on: true });
  await rig.until(() => host.socket.heard.filter(({ type }) => type === "refused").length === 3);
  // Whoever comes later is told nothing of it either.
  const later = await rig.enter(id, "guest");
  for (const { socket } of [...others, later]) expect(JSON.stringify(socket.heard)).not.toMatch(/"whisper"|a-stream/);
});

test("a whisper has a track where the room keeps it, and for those alone who may whisper, to somebody who takes part", async () => {
  const { id, host, guest, observer, bystander, recording } = await room();
  const ask = (who: typeof host, to: string) => who.socket.say({ type: "track", recording, source: `whisper:${to}` });
  const rules = { locked: false, observersSpeak: false, keepWhispers: true };
  ask(observer, guest.id);
  expect((await rig.until(() => observer.socket.last("refused"))).message).toMatch(/not kept/);
  // People agreed to what was said when it began.
  host.socket.say({ type: "rules", rules });
  expect((await rig.until(() => host.socket.last("refused"))).code).toBe("already-recording");
  await rig.recordings.stop(recording);
  host.socket.say({ type: "rules", rules });
  await rig.until(() => bystander.socket.last("rules")?.rules.keepWhispers);
  expect((await rig.catalog.room(id))?.keepWhispers).toBe(1);
  const { id: next } = await rig.recordings.start(id);
  const say = (who: typeof host, to: string) => who.socket.say({ type: "track", recording: next, source: `whisper:${to}` });
  say(observer, guest.id);
  const ticket = await rig.until(() => observer.socket.last("track"));
  expect(ticket).toMatchObject({ recording: next, source: `whisper:${guest.id}` });
  say(observer, bystander.id);
  const other = await rig.until(() => observer.socket.heard.find((one) => one.type === "track" && one.source !== ticket.source));
  expect(other).not.toMatchObject({ track: ticket.track });
  // Twice the same is the same.
  say(observer, guest.id);
  await rig.until(() => observer.socket.heard.filter(({ type }) => type === "track").length === 3);
  expect(observer.socket.last("track")).toEqual(ticket);
  for (const [who, to] of [
    [guest, bystander.id],
    [host, observer.id],
    [host, host.id],
    [host, makeId("par")],
  ] as const) {
    const before = who.socket.heard.filter(({ type }) => type === "refused").length;
    say(who, to);
    await rig.until(() => who.socket.heard.filter(({ type }) => type === "refused").length > before);
    expect(who.socket.last("refused")?.code).toBe("not-allowed");
  }
  // Among what a film is made of, and whose people it names, there is nothing of it.
  expect(await rig.catalog.tracks(next)).toEqual([]);
  expect(await rig.catalog.participantsOf(next)).toEqual([]);
  expect((await rig.catalog.whispers(next)).map(({ participantId }) => participantId)).toEqual([observer.id, observer.id]);
});

test("whoever comes into a room that keeps whispers is told so at once, also after everybody had left", async () => {
  const { id } = await rig.catalog.addRoom("Practice", true);
  const first = await rig.enter(id, "guest");
  expect(first.socket.last("welcome")?.rules.keepWhispers).toBe(true);
  first.socket.say({ type: "leave" });
  await rig.until(() => rig.signalling.room(id) === undefined);
  expect((await rig.enter(id, "guest")).socket.last("welcome")?.rules.keepWhispers).toBe(true);
});

test("who was removed does not come back as the same, and into a locked room only those who were there", async () => {
  const setting = await room();
  const { host, guest, bystander } = setting;
  host.socket.say({ type: "remove", participant: bystander.id });
  expect(await rig.until(() => bystander.socket.closed)).toBe(4403);
  const again = await rig.enter(setting.id, "guest", bystander);
  expect([again.welcomed, again.socket.last("refused")?.code]).toEqual([false, "removed"]);
  host.socket.say({ type: "rules", rules: { locked: true, observersSpeak: false, keepWhispers: false } });
  guest.socket.say({ type: "leave" });
  await rig.until(() => guest.socket.closed);
  const stranger = await rig.enter(setting.id, "guest");
  expect([stranger.welcomed, stranger.socket.last("refused")?.code]).toEqual([false, "room-locked"]);
  expect((await rig.enter(setting.id, "guest", guest)).welcomed).toBe(true);
  expect((await rig.enter(setting.id, "host")).welcomed).toBe(true);
});

test("hosting passes when the host goes, works, and comes back with the host's link", async () => {
  const { id, host, guest, bystander, recording } = await room();
  host.socket.say({ type: "leave" });
  await rig.until(() => guest.socket.last("changed")?.participant.hosting && guest.socket.last("changed")?.participant.id === guest.id);
  bystander.socket.say({ type: "pause" });
  await rig.until(() => bystander.socket.last("refused"));
  guest.socket.say({ type: "pause" });
  await rig.until(() => guest.socket.last("recording")?.recording.pausedMs);
  expect((await rig.catalog.recording(recording))?.durationMs).toBeNull();
  const back = await rig.enter(id, "host");
  expect(back.socket.last("welcome")?.participants.find((one) => one.id === back.id)?.hosting).toBe(true);
  await rig.until(() =>
    guest.socket.heard.some((down) => down.type === "changed" && down.participant.id === guest.id && !down.participant.hosting),
  );
});

test("a host who comes back alone by the guests' link is a guest", async () => {
  const { id } = await rig.catalog.addRoom("Practice");
  const asha = await rig.enter(id, "host");
  const back = await rig.enter(id, "guest", asha);
  expect(back.socket.last("welcome")?.participants.find((one) => one.id === back.id)?.hosting).toBe(false);
  expect(back.id).toBe(asha.id);
});

test("what was said is there for whoever comes later, and kept with the recording", async () => {
  const { id, guest, recording } = await room();
  guest.socket.say({ type: "chat", body: "first\nsecond line" });
  await rig.until(() => guest.socket.last("chat"));
  const late = await rig.enter(id, "guest");
  expect(late.socket.last("welcome")?.chat.map(({ body }) => body)).toEqual(["first\nsecond line"]);
  expect((await rig.catalog.messages(recording, 0, 10)).map(({ body, name }) => [name, body])).toEqual([["guest", "first\nsecond line"]]);
  for (let count = 0; count < 12; count++) guest.socket.say({ type: "chat", body: `again ${count}` });
  expect((await rig.until(() => guest.socket.last("refused"))).code).toBe("too-fast");
  expect(makeId("msg")).toMatch(/^msg_/);
  for (let count = 0; count < 22; count++) guest.socket.say({ type: "bookmark" });
  await rig.until(() => guest.socket.heard.filter(({ type }) => type === "bookmark").length >= 20);
  expect((await rig.until(() => guest.socket.heard.filter(({ type }) => type === "refused").at(1))).type).toBe("refused");
  expect((await rig.catalog.bookmarks(recording, 0, 100)).length).toBe(20);
});

test("a catalog without room refuses what it was to keep, in words, and sends nobody out of the call", async () => {
  const { id, guest, bystander, recording } = await room();
  const full = vi.spyOn(rig.catalog, "addMessage").mockRejectedValueOnce(sqliteFull());
  guest.socket.say({ type: "chat", body: "lost" });
  const refused = await rig.until(() => guest.socket.last("refused"));
  full.mockRestore();
  expect([refused.code, refused.message]).toEqual(["disk-full", expect.stringContaining("was not kept")]);
  guest.socket.say({ type: "chat", body: "kept" });
  expect((await rig.until(() => bystander.socket.last("chat"))).message.body).toBe("kept");
  expect((await rig.catalog.messages(recording, 0, 10)).map(({ body }) => body)).toEqual(["kept"]);
  expect(rig.signalling.room(id)?.members.length).toBe(4);
});

test("whoever is muted while their socket is away comes back muted, is told so, and may speak again by themselves", async () => {
  const { id, host, guest, bystander } = await room();
  const seen = () => bystander.socket.heard.findLast((down) => down.type === "changed" && down.participant.id === guest.id);
  guest.socket.close(1006);
  host.socket.say({ type: "mute", participant: guest.id });
  await rig.until(seen);
  const back = await rig.enter(id, "guest", guest);
  await rig.until(() => back.socket.last("muted"));
  expect(back.socket.last("welcome")?.participants.find((one) => one.id === guest.id)?.microphone).toBe(false);
  expect(seen()).toMatchObject({ participant: { microphone: false } });
  back.socket.say({ type: "media", microphone: false, camera: true, screen: null });
  const again = await rig.enter(id, "guest", back);
  await rig.until(() => again.socket.last("welcome")?.participants.find((one) => one.id === guest.id)?.microphone);
  expect(again.socket.last("muted")).toBeUndefined();
});

test("two who are the first in the same moment are in the same room", async () => {
  const { id } = await rig.catalog.addRoom("Practice");
  const [one, two] = await Promise.all([rig.enter(id, "host"), rig.enter(id, "guest")]);
  one.socket.say({ type: "chat", body: "are you there?" });
  expect((await rig.until(() => two.socket.last("chat"))).message.body).toBe("are you there?");
});
