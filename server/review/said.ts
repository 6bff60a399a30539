// What was written and marked in the call while it was recorded, as it stands in the catalog. Read only: it was said.
import type * as z from "zod/mini";
import type { BookmarkList, ChatList } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Right } from "../../protocol/feedback.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";

const pageSize = 500;

export class Said {
  readonly #catalog: Catalog;
  readonly #access: Access;

  constructor(catalog: Catalog, access: Access) {
    this.#catalog = catalog;
    this.#access = access;
  }

  /** No page shows it: for those of the room, and whoever may take everything along. */
  async chat(credentials: Credentials, recordingId: string, cursor: string | undefined): Promise<z.infer<typeof ChatList>> {
    const after = await this.#open(credentials, recordingId, cursor, "download");
    const rows = await this.#catalog.messages(recordingId, after, pageSize);
    const items = rows.map(({ id, participantId, name, body, sentMs, atMs }) => ({
      id,
      participant: { id: participantId, name },
      body,
      sentMs,
      atMs,
    }));
    return { items, cursor: rows.length === pageSize ? String(after + pageSize) : null };
  }

  async bookmarks(credentials: Credentials, recordingId: string, cursor: string | undefined): Promise<z.infer<typeof BookmarkList>> {
    const after = await this.#open(credentials, recordingId, cursor, "look");
    const rows = await this.#catalog.bookmarks(recordingId, after, pageSize);
    const items = rows.map(({ id, participantId, name, atMs }) => ({ id, participant: { id: participantId, name }, atMs }));
    return { items, cursor: rows.length === pageSize ? String(after + pageSize) : null };
  }

  async #open(credentials: Credentials, recordingId: string, cursor: string | undefined, need: Right): Promise<number> {
    await this.#access.recording(credentials, recordingId, need);
    const after = Number(cursor ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) throw new UserError("bad-request", "This cursor is not one of ours.");
    return after;
  }
}
