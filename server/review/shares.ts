// Links to one recording for people outside its room: to look, comment or download, until a day, until revoked, behind a passphrase.
// Promise: a link is worth what it is worth at the moment it is used; a passphrase is kept only as a slow hash and cannot be tried out.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { UserError } from "../../protocol/errors.ts";
import type { NewShare, Share } from "../../protocol/feedback.ts";
import { type Access, type Credentials, isOpen } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { ShareRow } from "../store/feedback.ts";
import type { Keys } from "../store/keys.ts";
import type { Audience } from "./audience.ts";
import { time } from "./round.ts";

export interface SharesOptions {
  catalog: Catalog;
  access: Access;
  keys: Keys;
  audience: Audience;
  nowMs?: () => number;
}

const hash = promisify(scrypt) as (text: string, salt: Buffer, bytes: number) => Promise<Buffer>;
/** So many wrong passphrases at one link, then none is looked at for `restMs`: three hundred guesses an hour. */
const mostWrong = 5;
const restMs = 60_000;
const mostShares = 200;

export class Shares {
  readonly #options: SharesOptions;
  readonly #wrong = new Map<string, { count: number; sinceMs: number }>();

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  async list(credentials: Credentials, recordingId: string, base: string): Promise<{ items: Share[] }> {
    await this.#options.access.recording(credentials, recordingId, "host");
    const rows = await this.#options.catalog.feedback.shares(recordingId);
    return { items: rows.map((row) => this.#shown(row, base)) };
  }

  async create(credentials: Credentials, recordingId: string, wanted: NewShare, base: string): Promise<Share> {
    await this.#options.access.recording(credentials, recordingId, "host");
    const { feedback } = this.#options.catalog;
    const expiresAt = wanted.expiresAt === null ? null : Date.parse(wanted.expiresAt);
    // A day that no calendar has is no day to come, either.
    if (expiresAt !== null && !(expiresAt > this.#nowMs()))
      throw new UserError("bad-request", "This link would already be over. Choose a later day.");
    if ((await feedback.shares(recordingId)).length >= mostShares)
      throw new UserError("bad-request", "There are too many links to this recording.", { why: { reason: "links" } });
    const row = await feedback.addShare({
      recordingId,
      label: wanted.label,
      mayComment: wanted.mayComment ? 1 : 0,
      mayDownload: wanted.mayDownload ? 1 : 0,
      expiresAt,
      passphrase: wanted.passphrase ? await kept(wanted.passphrase) : null,
    });
    return this.#shown(row, base);
  }

  async revoke(credentials: Credentials, shareId: string): Promise<void> {
    const { access, catalog, audience } = this.#options;
    const share = await catalog.feedback.share(shareId);
    // An unknown link is answered like one of somebody else's recording.
    await access.recording(credentials, share?.recordingId ?? "", "host");
    await catalog.feedback.revokeShare(shareId);
    audience.dismiss({ shareId });
  }

  /** The key to use from now on, for whoever knows the passphrase. */
  async open(credentials: Credentials, passphrase: string): Promise<{ key: string }> {
    const { access, keys } = this.#options;
    const { share } = await access.shareOf(credentials);
    if (!isOpen(share, this.#nowMs()))
      throw new UserError("gone", "This link is no longer valid. Ask the person who sent it for a new one.");
    const key = `${share.id}.${keys.share(share.id)}`;
    if (share.passphrase === null) return { key };
    const wrong = this.#wrong.get(share.id);
    if (wrong && wrong.count >= mostWrong && this.#nowMs() - wrong.sinceMs < restMs)
      throw new UserError("too-often", "That was wrong too often. Wait a minute, then try again.");
    // Counted before it is compared: many at once are as many tries.
    const running = wrong && this.#nowMs() - wrong.sinceMs < restMs ? wrong.count : 0;
    this.#wrong.set(share.id, { count: running + 1, sinceMs: this.#nowMs() });
    if (!(await matches(passphrase, share.passphrase))) throw new UserError("wrong-passphrase", "That is not the passphrase.");
    this.#wrong.delete(share.id);
    return { key: `${key}.${keys.unlocked(share.id, share.passphrase)}` };
  }

  #shown(row: ShareRow, base: string): Share {
    return {
      id: row.id,
      label: row.label,
      mayComment: row.mayComment === 1,
      mayDownload: row.mayDownload === 1,
      expiresAt: time(row.expiresAt),
      revokedAt: time(row.revokedAt),
      hasPassphrase: row.passphrase !== null,
      createdAt: new Date(row.createdAt).toISOString(),
      url: `${base}/v/${row.recordingId}#${row.id}.${this.#options.keys.share(row.id)}`,
    };
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? Date.now();
  }
}

/** `<salt>.<scrypt>`, base64url. */
async function kept(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString("base64url")}.${(await hash(passphrase.normalize("NFKC"), salt, 32)).toString("base64url")}`;
}

async function matches(passphrase: string, keptAs: string): Promise<boolean> {
  const [salt = "", wanted = ""] = keptAs.split(".");
  const found = await hash(passphrase.normalize("NFKC"), Buffer.from(salt, "base64url"), 32);
  return timingSafeEqual(found, Buffer.from(wanted, "base64url"));
}
