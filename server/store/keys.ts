// Every secret, and what each opens. Room keys, track tokens and media signatures are derived from one master secret by HMAC-SHA256,
// so the catalog holds no secret and a restored catalog keeps all links valid.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Role } from "../../protocol/call.ts";

/** What the bearer of a key may be in a room. */
export type Standing = "admin" | Role;

export class Keys {
  readonly admin: string;
  readonly #master: Buffer;

  /** Reads the secrets in `folder`, or makes them there (mode 0600) on the first start. */
  constructor(folder: string, adminKey?: string) {
    this.#master = Buffer.from(
      keep(join(folder, "master.key"), () => randomBytes(32).toString("base64url")),
      "base64url",
    );
    this.admin = adminKey ?? keep(join(folder, "admin.key"), () => randomBytes(24).toString("base64url"));
  }

  isAdmin(key: string | null): boolean {
    return key !== null && same(key, this.admin);
  }

  /** 192 bits, base64url. `generation` counts up when links are revoked. */
  room(roomId: string, role: Role, generation: number): string {
    return this.#derive(`room:${roomId}:${role}:${generation}`, 24);
  }

  /** Null: the key opens nothing here. Always compares with every role, so that the time tells nothing. */
  standing(key: string | null, roomId: string, generation: number): Standing | null {
    let found: Standing | null = null;
    for (const role of ["host", "guest", "observer"] as const)
      if (key !== null && same(key, this.room(roomId, role, generation))) found = role;
    return this.isAdmin(key) ? "admin" : found;
  }

  /** Lets its bearer upload into one track, for as long as the track exists (an outbox may come back days later). */
  track(trackId: string): string {
    return this.#derive(`track:${trackId}`, 24);
  }

  opensTrack(token: string, trackId: string): boolean {
    return same(token, this.track(trackId));
  }

  /** For media URLs that work as they are: `<expiry, seconds>.<holder>.<signature>`, good for the media of one recording. `holder`: the link
   * (a share's id) it was handed out by; "": a key of the room. */
  media(recordingId: string, expiresAtSeconds: number, holder = ""): string {
    return `${expiresAtSeconds}.${holder}.${this.#derive(`media:${recordingId}:${expiresAtSeconds}:${holder}`, 24)}`;
  }

  /** The holder it was handed out to; null: it does not open this, or not any more. */
  opensMedia(token: string, recordingId: string, nowSeconds: number): string | null {
    const [until = "", holder = ""] = token.split(".");
    const expires = Number(until);
    const valid = Number.isSafeInteger(expires) && expires > nowSeconds && same(token, this.media(recordingId, expires, holder));
    return valid ? holder : null;
  }

  /** For addresses of what is attached to comments, told to one viewer: `<expiry, seconds>.<holder>.<reviewer>.<signature>`. `holder` as for media;
   * `reviewerId` "": nobody in particular. */
  attached(recordingId: string, expiresAtSeconds: number, holder: string, reviewerId: string): string {
    const told = `${expiresAtSeconds}.${holder}.${reviewerId}`;
    return `${told}.${this.#derive(`attached:${recordingId}:${told}`, 24)}`;
  }

  /** Whom it was told to; null: it does not open this, or not any more. */
  opensAttached(token: string, recordingId: string, nowSeconds: number): { holder: string; reviewerId: string } | null {
    const [until = "", holder = "", reviewerId = ""] = token.split(".");
    const expires = Number(until);
    const valid =
      Number.isSafeInteger(expires) && expires > nowSeconds && same(token, this.attached(recordingId, expires, holder, reviewerId));
    return valid ? { holder, reviewerId } : null;
  }

  /** The key of a link to one recording: `<share>.<secret>`, after its passphrase was given `<share>.<secret>.<unlocked>`. */
  share(shareId: string): string {
    return this.#derive(`share:${shareId}`, 24);
  }

  opensShare(secret: string, shareId: string): boolean {
    return same(secret, this.share(shareId));
  }

  /** What whoever knew the passphrase shows from then on; worth nothing once the passphrase is another. `kept`: as the catalog keeps it. */
  unlocked(shareId: string, kept: string): string {
    return this.#derive(`unlocked:${shareId}:${kept}`, 24);
  }

  opensUnlocked(token: string, shareId: string, kept: string): boolean {
    return same(token, this.unlocked(shareId, kept));
  }

  /** What a reviewer's browser shows, to stay the same reviewer. */
  reviewer(reviewerId: string): string {
    return this.#derive(`reviewer:${reviewerId}`, 24);
  }

  opensReviewer(secret: string, reviewerId: string): boolean {
    return same(secret, this.reviewer(reviewerId));
  }

  /** What a participant shows after a reload, to stay the same participant. */
  participant(participantId: string): string {
    return this.#derive(`participant:${participantId}`, 24);
  }

  #derive(what: string, bytes: number): string {
    return createHmac("sha256", this.#master).update(what).digest().subarray(0, bytes).toString("base64url");
  }
}

export function same(a: string, b: string): boolean {
  const hash = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Made once. On the disk before it is used; an empty file, as a power cut leaves it, is no secret and never becomes one. */
function keep(path: string, make: () => string): string {
  const kept = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  if (kept !== "") {
    chmodSync(path, 0o600);
    return kept;
  }
  const secret = make();
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, `${secret}\n`, { mode: 0o600, flush: true });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return secret;
}
