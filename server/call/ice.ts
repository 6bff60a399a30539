// Which STUN and TURN servers a browser is offered.
import { createHmac } from "node:crypto";
import type { IceServer } from "../../protocol/call.ts";

export interface IceOptions {
  fixed: readonly IceServer[];
  turnUrls: readonly string[];
  turnSecret: string | undefined;
  /** Life of a credential. coturn asks for it when an allocation is made and not while it lives, so a call may last longer; whoever is in a call is
   * told fresh ones after half of it, for people who come later and for ways sought anew. */
  turnSeconds: number;
  /** Null when our own STUN could not be started. */
  stunPort: number | null;
}

/** `host`: the name under which this browser reached us. TURN credentials as coturn's `use-auth-secret` wants them
 * (draft-uberti-behave-turn-rest): username `<expiry>:<id>`, password base64(HMAC-SHA1(secret, username)). */
export function iceServersFor(options: IceOptions, participantId: string, host: string, nowSeconds: number): IceServer[] {
  const servers: IceServer[] = [...options.fixed];
  if (options.stunPort !== null) servers.unshift({ urls: `stun:${host}:${options.stunPort}` });
  if (options.turnUrls.length > 0 && options.turnSecret) {
    const username = `${Math.floor(nowSeconds) + options.turnSeconds}:${participantId}`;
    const credential = createHmac("sha1", options.turnSecret).update(username).digest("base64");
    servers.push({ urls: [...options.turnUrls], username, credential });
  }
  return servers;
}
