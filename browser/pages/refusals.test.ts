import i18next from "i18next";
import { expect, test, vi } from "vitest";
import type { UserErrorCode } from "../../protocol/errors.ts";
import { UserError } from "../../protocol/errors.ts";
import { reach, sentence } from "./api.ts";
import errors from "./words/de/errors.json";
import refusals from "./words/de/refusals.json";
import { begin } from "./words.ts";

const said = (code: UserErrorCode, message: string) => sentence(new UserError(code, message));

test("in English a refusal is the server's own sentence", () => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
  expect(said("not-ready", "The film is not complete yet.")).toBe("The film is not complete yet.");
});

// Last, because they end in the other language.
test("in German a film that is not there yet is not a server that cannot be reached, and a wrong passphrase is no link that may not", async () => {
  vi.stubGlobal("navigator", { languages: ["de-AT"] });
  await begin("de");
  i18next.addResourceBundle("de", "errors", errors);
  // In a room, before a drawer was opened.
  expect(said("not-ready", "The film is not complete yet.")).toBe("The film is not complete yet.");
  i18next.addResourceBundle("de", "refusals", refusals);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no way")));
  const offline = sentence(await reach("/api/v1/x", {}).catch((error: unknown) => error));
  expect(offline).toBe(errors.unreachable);
  expect(said("not-ready", "The film is not complete yet.")).toBe(refusals["not-ready"]);
  expect(said("wrong-passphrase", "That is not the passphrase.")).toBe(refusals["wrong-passphrase"]);
});

test("of a request that does not fit, in German too, what does not fit is told", () => {
  expect(said("bad-request", "This is not a rubric: line 2: items")).toContain("This is not a rubric: line 2: items");
});
