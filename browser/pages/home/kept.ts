// The rooms made in this browser, so that their links can be found again. The server hands the keys out once and lists no rooms.
import { signal } from "@preact/signals";
import * as z from "zod/mini";
import { CreatedRoom } from "../../../protocol/rooms.ts";
import { remember, remembered } from "../remembered.ts";

const slot = "doubletake.rooms";
const most = 30;

export const rooms = signal<CreatedRoom[]>(read());
/** The room whose links are shown open: the one just made. */
export const opened = signal<string | null>(null);

export function keepRoom(room: CreatedRoom): void {
  write([room, ...rooms.value.filter((one) => one.id !== room.id)].slice(0, most));
}

export function forgetRoom(id: string): void {
  write(rooms.value.filter((one) => one.id !== id));
}

function write(next: CreatedRoom[]): void {
  rooms.value = next;
  remember(slot, JSON.stringify(next));
}

function read(): CreatedRoom[] {
  try {
    const result = z.array(CreatedRoom).safeParse(JSON.parse(remembered(slot) ?? "[]"));
    return result.success ? result.data : [];
  } catch (error) {
    console.warn("the kept rooms cannot be read", error);
    return [];
  }
}
