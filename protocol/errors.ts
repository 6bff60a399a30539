// The two kinds of error that are not our bug, and the close codes both ends know.
// Promise: a message in here is written for the person (UserError) or for the log (ProtocolError), never both.

/** What exactly does not fit, beside the English sentence that says so: which of a page's own sentences, and the names and numbers in it. */
export type Why = { reason: string } & Record<string, string | number>;

/** The person can act on it. `message` is shown to them as it stands. `code` is stable, kebab-case, for programs. */
export class UserError extends Error {
  override readonly name = "UserError";
  constructor(
    readonly code: UserErrorCode,
    message: string,
    options?: ErrorOptions & { current?: unknown; why?: unknown },
  ) {
    super(message, options);
    this.current = options?.current;
    this.why = options?.why;
  }

  /** With "changed": how the thing stands now. */
  readonly current?: unknown;
  /** `Why`, where there is more to say than its code does. */
  readonly why?: unknown;
}

/** The other side broke the contract: close the socket, log once. `message` carries facts (`track=… offset=…`). */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** "unreachable" and "not-sent" are said by pages, where no server did. */
export const userErrorCodes = [
  "bad-request",
  "not-allowed",
  "not-found",
  "key-missing",
  "not-media",
  "too-large",
  "disk-full",
  "disk-broken",
  "server-full",
  "gone",
  "replaced",
  "changed",
  "passphrase-needed",
  "wrong-passphrase",
  "not-hidden",
  "too-often",
  "room-full",
  "room-locked",
  "removed",
  "ended",
  "too-fast",
  "already-recording",
  "not-recording",
  "not-ready",
  "unreachable",
  "not-sent",
  "camera-denied",
  "camera-busy",
  "camera-missing",
  "microphone-denied",
  "microphone-busy",
  "microphone-missing",
  "screen-failed",
  "insecure-page",
  "recorder-failed",
] as const;
export type UserErrorCode = (typeof userErrorCodes)[number];

export type ProtocolErrorCode =
  | "malformed"
  | "unexpected"
  | "wrong-version"
  | "wrong-offset"
  | "wrong-segment"
  | "wrong-hash"
  | "wrong-bytes"
  | "sealed";

/** WebSocket close codes (RFC 6455 leaves 4000–4999 to applications). The last three digits follow HTTP where one fits. */
export const closeCode = {
  malformed: 4400,
  forbidden: 4403,
  conflict: 4409,
  gone: 4410,
  tooLarge: 4413,
  notMedia: 4415,
  wrongVersion: 4426,
  internal: 4500,
  diskFull: 4507,
  /** The server goes away on purpose; come back in a moment (registered, RFC 6455 / IANA 1012). */
  restarting: 1012,
} as const;

/** The one translation from an error to a close code. */
export function closeCodeOf(error: unknown): number {
  if (error instanceof ProtocolError) {
    if (error.code === "wrong-version") return closeCode.wrongVersion;
    if (error.code === "malformed" || error.code === "unexpected") return closeCode.malformed;
    return closeCode.conflict;
  }
  if (error instanceof UserError) {
    if (error.code === "not-media") return closeCode.notMedia;
    if (error.code === "disk-full" || error.code === "disk-broken" || error.code === "server-full") return closeCode.diskFull;
    if (error.code === "too-large") return closeCode.tooLarge;
    if (error.code === "gone" || error.code === "ended") return closeCode.gone;
    if (error.code === "replaced") return closeCode.conflict;
    return closeCode.forbidden;
  }
  return closeCode.internal;
}

/** A close reason ends with the code of its error: "The server's disk is full. [disk-full]". Null: it names none. */
export function codeOfReason(reason: string): string | null {
  return /\[([a-z]+(?:-[a-z]+)*)\]$/.exec(reason)?.[1] ?? null;
}
