// Who is told what of a role play, at the sockets: with words that stand in one card and nowhere else.
import { expect, test } from "vitest";
import { Play } from "../../protocol/scenario.ts";
import type { Scenario } from "../../protocol/scenariofile.ts";
import { castOf, playersOf, scenarioOf } from "../store/plays.ts";
import { callRig, type Here } from "./call.fixture.ts";

const scenario: Scenario = {
  title: "Talk",
  goals: ["Listen"],
  minutes: 10,
  roles: [
    { id: "one", title: "One", card: "SECRET-ONE" },
    { id: "two", title: "Two", card: "SECRET-TWO" },
  ],
  personas: [
    { title: "PERSONA-A", cards: { two: "SECRET-A" } },
    { title: "PERSONA-B", cards: { two: "SECRET-B" } },
  ],
};
const secrets = ["SECRET-ONE", "SECRET-TWO", "SECRET-A", "SECRET-B", "PERSONA-A", "PERSONA-B"];

async function practice(countdownMs = 0) {
  const rig = await callRig(countdownMs);
  const { id } = await rig.catalog.addRoom("Practice");
  const choose = async (chosen: Scenario = scenario) => {
    const row = { roomId: id, scenario: JSON.stringify(chosen), seed: "seed", draw: 0, persona: 0, cast: "{}" };
    await rig.catalog.plays.savePlay(row);
    await rig.signalling.plays.chosen(id);
  };
  const playOf = ({ socket }: Here) => {
    const last = socket.last("play");
    return last?.play ? Play.parse(last.play) : null;
  };
  /** All that ever reached this socket. */
  const heard = ({ socket }: Here) => secrets.filter((secret) => JSON.stringify(socket.heard).includes(secret));
  const play = async () => (await rig.catalog.plays.play(id)) ?? expect.fail("no play");
  return { ...rig, id, choose, playOf, heard, play };
}

test("each is sent their own card and no other, an observer all, and who has no role none", async () => {
  const { enter, choose, until, playOf, heard, close, id } = await practice();
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "guest", undefined, "Ben");
  await choose();
  const cleo = await enter(id, "guest", undefined, "Cleo");
  const olu = await enter(id, "observer", undefined, "Olu");
  await until(() => playOf(olu) && playOf(cleo) && playOf(ben));
  expect(playOf(asha)).toMatchObject({ mine: "one", cards: [{ role: "one", words: "SECRET-ONE", persona: null }], limitMs: 600_000 });
  expect(playOf(ben)).toMatchObject({ mine: "two", cards: [{ words: "SECRET-TWO", persona: { title: "PERSONA-A", words: "SECRET-A" } }] });
  expect(playOf(cleo)).toMatchObject({ mine: null, cards: [] });
  expect(playOf(olu)?.cards.map(({ words }) => words)).toEqual(["SECRET-ONE", "SECRET-TWO"]);
  expect(playOf(ben)?.roles.map(({ participant }) => participant)).toEqual([asha.id, ben.id]);
  expect(heard(asha)).toEqual(["SECRET-ONE"]);
  expect(heard(ben)).toEqual(["SECRET-TWO", "SECRET-A", "PERSONA-A"]);
  expect(heard(cleo)).toEqual([]);
  expect(heard(olu)).toEqual(["SECRET-ONE", "SECRET-TWO", "SECRET-A", "PERSONA-A"]);
  await close();
});

test("two who come in at the same moment get two roles, and a reload the same card", async () => {
  const { enter, choose, until, playOf, close, id } = await practice();
  await choose();
  const [asha, ben] = await Promise.all([enter(id, "guest", undefined, "Asha"), enter(id, "guest", undefined, "Ben")]);
  await until(() => playOf(asha)?.mine && playOf(ben)?.mine);
  expect([playOf(asha)?.mine, playOf(ben)?.mine].toSorted()).toEqual(["one", "two"]);
  const mine = playOf(ben)?.mine;
  const again = await enter(id, "guest", ben, "Ben");
  expect((await until(() => playOf(again))).mine).toBe(mine);
  await close();
});

test("the host gives out roles, to people who play and of the scenario only", async () => {
  const { enter, choose, until, playOf, heard, close, id } = await practice();
  await choose();
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "guest", undefined, "Ben");
  const olu = await enter(id, "observer", undefined, "Olu");
  await until(() => playOf(ben)?.mine);
  for (const [participant, role] of [
    [olu.id, "one"],
    [ben.id, "three"],
    ["par_01h455vb4pex5vsknk084sn02q", "one"],
  ] as const) {
    const before = asha.socket.heard.length;
    asha.socket.say({ type: "cast", participant, role });
    await until(() => asha.socket.heard.slice(before).some((down) => down.type === "refused" && down.code === "not-found"));
  }
  expect(heard(ben)).not.toContain("SECRET-ONE");
  asha.socket.say({ type: "cast", participant: ben.id, role: "one" });
  await until(() => playOf(ben)?.mine === "one" && playOf(asha)?.mine === "two");
  asha.socket.say({ type: "cast", participant: ben.id, role: null });
  await until(() => playOf(ben)?.mine === null);
  expect(playOf(ben)?.cards).toEqual([]);
  await close();
});

test("one press swaps: the recording ends, roles are exchanged, another persona is drawn, and the next recording of the same pair begins", async () => {
  const { enter, choose, until, playOf, heard, close, catalog, recordings, id } = await practice();
  await choose();
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "guest", undefined, "Ben");
  asha.socket.say({ type: "record" });
  const first = (await until(() => ben.socket.last("recording"))).recording.id;
  ben.socket.say({ type: "swap" });
  expect((await until(() => ben.socket.last("refused"))).code).toBe("not-allowed");
  expect(heard(ben)).not.toContain("SECRET-ONE");
  asha.socket.say({ type: "swap" });
  const second = await until(() => {
    const now = ben.socket.last("recording")?.recording.id;
    return now !== first && now;
  });
  expect((await catalog.recording(first))?.durationMs).not.toBeNull();
  expect((await recordings.running(id))?.id).toBe(second);
  expect([playOf(asha)?.mine, playOf(ben)?.mine]).toEqual(["two", "one"]);
  expect(playOf(asha)?.cards[0]?.persona?.title).toBe("PERSONA-B");
  const scenes = await Promise.all([first, second].map((each) => catalog.plays.scene(each)));
  const [before, after] = scenes.map((scene) => scene ?? expect.fail("no scene"));
  expect([before!, after!].map((scene) => scenarioOf(scene).title)).toEqual(["Talk", "Talk"]);
  expect([before!.persona, after!.persona]).toEqual([0, 1]);
  expect(playersOf(before!)).toEqual({ one: { id: asha.id, name: "Asha" }, two: { id: ben.id, name: "Ben" } });
  expect(playersOf(after!)).toEqual({ one: { id: ben.id, name: "Ben" }, two: { id: asha.id, name: "Asha" } });
  await close();
});

test("a second press while it counts does not swap back, and Stop calls the count off and leaves the roles", async () => {
  const { enter, choose, until, playOf, close, recordings, play, id } = await practice(60_000);
  await choose();
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "guest", undefined, "Ben");
  await until(() => playOf(ben)?.mine === "two");
  asha.socket.say({ type: "swap" });
  asha.socket.say({ type: "swap" });
  asha.socket.say({ type: "stop" });
  await until(() => ben.socket.last("countdown")?.countdownMs === null);
  expect(castOf(await play())).toEqual({ [asha.id]: "two", [ben.id]: "one" });
  expect(await recordings.running(id)).toBeUndefined();
  await close();
});

test("two hosts who swap at once, and one who presses again right after, swap once", async () => {
  const { enter, choose, until, close, catalog, recordings, play, id } = await practice();
  await choose();
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "host", undefined, "Ben");
  const { id: first } = await recordings.start(id);
  for (const { socket } of [asha, ben]) socket.say({ type: "swap" });
  await until(() => ben.socket.last("recording")?.recording.id !== first && ben.socket.last("recording"));
  for (const { socket } of [asha, ben]) {
    socket.say({ type: "swap" });
    // Answered after everything before it.
    socket.say({ type: "signal", to: socket === asha.socket ? asha.id : ben.id, signal: { candidate: null } });
    await until(() => socket.last("signal"));
  }
  expect(castOf(await play())).toEqual({ [asha.id]: "two", [ben.id]: "one" });
  expect(await catalog.recordings({ roomId: id, limit: 10 })).toHaveLength(2);
  await close();
});

test("a persona stays for a whole recording, and between two the host may draw another", async () => {
  const { enter, choose, until, close, recordings, play, id } = await practice();
  await choose();
  const asha = await enter(id, "host", undefined, "Asha");
  const recording = await recordings.start(id);
  asha.socket.say({ type: "draw" });
  expect((await until(() => asha.socket.last("refused"))).code).toBe("already-recording");
  expect((await play()).persona).toBe(0);
  await recordings.stop(recording.id);
  asha.socket.say({ type: "draw" });
  asha.socket.say({ type: "hand", up: true });
  await until(() => asha.socket.last("changed"));
  expect((await play()).persona).toBe(1);
  await close();
});

test("who leaves in mid-recording stays on record, who comes late is added, and a scenario taken away is told to everybody", async () => {
  const { enter, choose, until, playOf, close, catalog, recordings, signalling, id } = await practice();
  await choose({ ...scenario, roles: [...scenario.roles, { id: "three", title: "Three", card: "Watch closely." }] });
  const asha = await enter(id, "host", undefined, "Asha");
  const ben = await enter(id, "guest", undefined, "Ben");
  await until(() => playOf(ben)?.mine === "two");
  const { id: recording } = await recordings.start(id);
  ben.socket.say({ type: "leave" });
  await until(() => ben.socket.closed);
  asha.socket.say({ type: "cast", participant: asha.id, role: "three" });
  await until(() => playOf(asha)?.mine === "three");
  const cleo = await enter(id, "guest", undefined, "Cleo");
  await until(() => playOf(cleo)?.mine);
  const scene = (await catalog.plays.scene(recording)) ?? expect.fail("no scene");
  const players = Object.entries(playersOf(scene)).map(([role, { name }]) => [role, name]);
  expect(Object.fromEntries(players)).toEqual({ one: "Cleo", two: "Ben", three: "Asha" });
  await catalog.plays.removePlay(id);
  await signalling.plays.chosen(id);
  await until(() => cleo.socket.last("play")?.play === null);
  await catalog.deleteRecording(recording);
  expect(await catalog.plays.scene(recording)).toBeUndefined();
  await close();
});
