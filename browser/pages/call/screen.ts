// What is open on the call's screen, and what buttons and keys ask for: one place, so that a key and its button cannot differ.
// Promise: what is loaded only when it is opened (drawers, sheets) costs nothing before.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Other } from "../../call/call.ts";
import { nowMs } from "../../record/clock.ts";
import { loadWords, t } from "../words.ts";
import { isOn } from "./equipment.ts";
import type { Deed } from "./keys.ts";
import type { Visit } from "./visit.ts";

export type Drawer = "chat" | "people" | "notes" | "play";
export type Sheet = "keys" | "leave" | "stop" | "end" | "more" | "handover" | { remove: { id: string; name: string } };
export type Extras = ComponentType<{ screen: CallScreen }>;

/** From so many faces on, whoever speaks is large: in nine small ones nobody sees who does. */
export const many = 5;

export class CallScreen {
  readonly drawer = signal<Drawer | null>(null);
  readonly sheet = signal<Sheet | null>(null);
  readonly pinned = signal<string | null>(null);
  /** Ids in the order that I gave them; whoever is not among them comes after. */
  readonly moved = signal<readonly string[]>([]);
  /** Nobody is large by speaking. */
  readonly even = signal(false);
  /** Drawers and sheets, once they are here. */
  readonly extras = signal<Extras | null>(null);
  /** When in the recording the moment was that I have just marked; null: it was seen. */
  readonly marked = signal<number | null>(null);
  /** How much of the chat was seen. */
  readonly read = signal(0);
  #loading = false;
  /** The microphone is on only for as long as Space is held. */
  #talking = false;

  constructor(
    readonly visit: Visit,
    readonly onLeave: () => void,
  ) {}

  /** Looks after those who practise: has notes of their own, and may whisper. */
  get supervises(): boolean {
    const { me } = this.visit.view.value;
    return me !== null && (me.role === "observer" || me.hosting);
  }

  toggle(drawer: Drawer): void {
    this.drawer.value = this.drawer.value === drawer ? null : drawer;
    if (this.drawer.value) void this.load();
  }

  open(sheet: Sheet | null): void {
    this.sheet.value = sheet;
    if (sheet) void this.load();
  }

  /** The others who have a face, in my order: as they came, until I move somebody. Observers have none: they are named in the bar. */
  get faces(): Other[] {
    const { value: moved } = this.moved;
    const place = ({ participant: { id } }: Other) => (moved.includes(id) ? moved.indexOf(id) : moved.length);
    return this.visit.view.value.others.filter(({ participant }) => participant.role !== "observer").sort((a, b) => place(a) - place(b));
  }

  /** Ids in the order of the tiles, oneself last. */
  get order(): string[] {
    const { me } = this.visit.view.value;
    const faces = this.faces.map(({ participant }) => participant.id);
    return me && me.role !== "observer" ? [...faces, me.id] : faces;
  }

  /** Whose tile is large: who is pinned; among many, who speaks. Null: all are the same. */
  get large(): string | null {
    const { order } = this;
    const pinned = this.pinned.value;
    if (pinned !== null && order.includes(pinned)) return pinned;
    const lead = this.visit.lead.value;
    return !this.even.value && lead !== null && order.length >= many && order.includes(lead) ? lead : null;
  }

  pin(id: string | null): void {
    this.pinned.value = id === this.pinned.value ? null : id;
  }

  do(deed: Deed): void {
    const { visit } = this;
    const { me, recording, screen, state } = visit.view.value;
    const observer = me?.role === "observer";
    if (typeof deed === "object") {
      this.pin(this.order[deed.pin - 1] ?? null);
      return;
    }
    switch (deed) {
      case "microphone":
        if (!observer || visit.view.value.rules.observersSpeak) visit.equipment.turn("microphone", !isOn(visit.equipment.microphone.value));
        return;
      case "camera":
        if (!observer) visit.equipment.turn("camera", !isOn(visit.equipment.camera.value));
        return;
      case "talk":
        this.#talk(true);
        return;
      case "record":
        this.record(true);
        return;
      case "bookmark":
        if (!recording) return;
        visit.say({ type: "bookmark", recording: recording.id });
        // It is told once it is known; until then it waits here.
        if (state !== "joined") this.marked.value = nowMs() - recording.startedMs;
        return;
      case "hand":
        visit.ask({ type: "hand", up: me?.handMs === null });
        return;
      case "screen":
        if (observer || state !== "joined" || !("getDisplayMedia" in navigator.mediaDevices)) return;
        if (screen) visit.stopScreen();
        else void visit.shareScreen();
        return;
      case "leave":
      case "keys":
        this.open(deed);
        return;
      case "notes":
        if (this.supervises) this.toggle(deed);
        return;
      default:
        this.toggle(deed);
    }
  }

  /** `ask`: a key is pressed by mistake more easily than a button. */
  record(ask: boolean): void {
    const { visit } = this;
    const { me, recording, beginsMs } = visit.view.value;
    if (!me?.hosting) return;
    if (recording && ask) this.open("stop");
    else visit.ask({ type: recording || beginsMs !== null ? "stop" : "record" });
  }

  /** Space was let go, or the page lost it. */
  hush(): void {
    this.#talk(false);
  }

  #talk(on: boolean): void {
    const { equipment, view } = this.visit;
    // Only one that is there and muted: a device that is opened for it could come after the key was let go.
    if (on && (equipment.microphone.value !== "off" || view.value.me?.role === "observer")) return;
    if (!on && !this.#talking) return;
    this.#talking = on;
    equipment.turn("microphone", on);
  }

  /** Drawers and sheets, and what stands beside the call by itself. */
  async load(): Promise<void> {
    if (this.extras.value || this.#loading) return;
    this.#loading = true;
    try {
      const [{ CallExtras }] = await Promise.all([import("./extras.tsx"), loadWords(["drawer", "copy", "supervisor", "play", "refusals"])]);
      this.extras.value = CallExtras;
    } catch (error) {
      console.warn("call: a part of the page could not be loaded", error);
      this.visit.problem.value = t("call:notLoaded");
      this.drawer.value = null;
      this.sheet.value = null;
    } finally {
      this.#loading = false;
    }
  }
}
