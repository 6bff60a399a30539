// Rooms as the API sees them: made by the admin, looked at and recorded by whoever holds the right link.
import type * as z from "zod/mini";
import type { CreatedRoom, EditRoom, Ice, NewRoom, Room } from "../../protocol/api.ts";
import type { Role } from "../../protocol/call.ts";
import type { Access, Credentials } from "../store/access.ts";
import { type Catalog, makeId, type RecordingRow } from "../store/catalog.ts";
import type { Keys } from "../store/keys.ts";
import { keepWhispers } from "./keeping.ts";
import type { Recordings } from "./recordings.ts";
import { rulesOf } from "./room.ts";
import type { Scenarios } from "./scenarios.ts";
import type { Signalling, SignallingOptions } from "./signalling.ts";

export interface RoomsOptions {
  catalog: Catalog;
  keys: Keys;
  access: Access;
  recordings: Recordings;
  signalling: Signalling;
  scenarios: Scenarios;
  iceServers: SignallingOptions["iceServers"];
  relayOnly: boolean;
}

export class Rooms {
  readonly #options: RoomsOptions;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  /** `base`: the address people reach us at, without a slash at the end. */
  async create(
    credentials: Credentials,
    { name, scenario, keepWhispers: keep }: z.infer<typeof NewRoom>,
    base: string,
  ): Promise<CreatedRoom> {
    const { access, catalog, keys, scenarios } = this.#options;
    access.requireAdmin(credentials);
    // What does not fit makes no room.
    const play = scenario && (await scenarios.read(scenario));
    const room = await catalog.addRoom(name ?? "Room", keep);
    if (play) await scenarios.give(room.id, play);
    const key = (role: Role) => keys.room(room.id, role, room.generation);
    const url = (role: Role) => `${base}/r/${room.id}#${key(role)}`;
    return {
      id: room.id,
      name: room.name,
      hostUrl: url("host"),
      guestUrl: url("guest"),
      observerUrl: url("observer"),
      hostKey: key("host"),
      guestKey: key("guest"),
      observerKey: key("observer"),
    };
  }

  async look(credentials: Credentials, roomId: string): Promise<Room> {
    const { access, recordings, signalling } = this.#options;
    const { room, standing } = await access.room(credentials, roomId, "observer");
    const running = await recordings.running(room.id);
    const role = standing === "admin" ? "host" : standing;
    const open = signalling.room(room.id);
    return {
      id: room.id,
      name: room.name,
      role,
      participants: open?.participants ?? [],
      recording: running?.id ?? null,
      rules: open?.rules ?? rulesOf(room, await signalling.ongoing.recall(room.id, running !== undefined)),
      full: open?.full ?? false,
    };
  }

  /** Whoever is in the room hears of it at once. */
  async change(credentials: Credentials, roomId: string, { keepWhispers: keep }: z.infer<typeof EditRoom>): Promise<Room> {
    const { access, catalog, recordings, signalling } = this.#options;
    const { room } = await access.room(credentials, roomId, "host");
    await keepWhispers(catalog, recordings, room.id, keep);
    const open = signalling.room(room.id);
    open?.rule({ ...open.rules, keepWhispers: keep });
    return this.look(credentials, roomId);
  }

  /** For somebody who looks before they join whether they could be reached. `host`: the name under which they reached us. */
  async ice(credentials: Credentials, roomId: string, host: string): Promise<Ice> {
    const { access, iceServers, relayOnly } = this.#options;
    await access.room(credentials, roomId, "observer");
    return { iceServers: iceServers(makeId("par"), host), relayOnly };
  }

  /** Only who may be in the room may send bytes for nothing. */
  async probe(credentials: Credentials, roomId: string): Promise<void> {
    await this.#options.access.room(credentials, roomId, "observer");
  }

  async record(credentials: Credentials, roomId: string): Promise<RecordingRow> {
    const { room } = await this.#options.access.room(credentials, roomId, "host");
    return this.#options.recordings.start(room.id);
  }

  async stop(credentials: Credentials, recordingId: string): Promise<RecordingRow> {
    const { recording } = await this.#options.access.recording(credentials, recordingId, "host");
    return this.#options.recordings.stop(recording.id);
  }
}
