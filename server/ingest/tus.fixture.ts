// The HTTP way in, on a server of its own, beside a door for sockets that has the same spool behind it.
import fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import { closeCodeOf, ProtocolError, UserError } from "../../protocol/errors.ts";
import type { Door } from "./door.fixture.ts";
import type { Rig } from "./rig.fixture.ts";
import { Tus } from "./tus.ts";

export function tusApp(rig: Rig, door: Door): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _, reply) => {
    const known = error instanceof UserError || error instanceof ProtocolError;
    const status = known ? closeCodeOf(error) - 4000 : ((error as { statusCode?: number }).statusCode ?? 500);
    return reply.code(status).send({ code: (error as { code?: string }).code });
  });
  new Tus({ catalog: rig.catalog, keys: door.keys, spool: door.spool, log: pino({ enabled: false }) }).mount(app);
  return app;
}
