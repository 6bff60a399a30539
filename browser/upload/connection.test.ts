import { expect, test } from "vitest";
import { Broken, Connection, type UploadSocket } from "./connection.ts";

function broken(message: string | null, reason: string): Broken {
  const socket: UploadSocket = {
    binaryType: "",
    send: () => undefined,
    close: () => undefined,
    onopen: null,
    onmessage: null,
    onclose: null,
  };
  const connection = new Connection(socket, () => undefined);
  if (message) socket.onmessage?.({ data: message });
  socket.onclose?.({ code: 4507, reason });
  try {
    connection.take();
  } catch (error) {
    if (error instanceof Broken) return error;
    throw error;
  } finally {
    connection.close();
  }
  throw new Error("not broken");
}

test("why the server took no more is known from its last message, or else from the end of the close reason", () => {
  const said = JSON.stringify({ type: "refused", code: "server-full", message: "The server holds as much as it can." });
  expect(broken(said, "The server holds as much as it can. [server-full]")).toMatchObject({
    why: "server-full",
    refusal: "The server holds as much as it can.",
  });
  expect(broken(null, "The server's disk failed. Your recording is kept… [disk-broken]")).toMatchObject({
    why: "disk-broken",
    refusal: null,
  });
  expect(broken(null, "of somebody else")).toMatchObject({ why: null });
});
