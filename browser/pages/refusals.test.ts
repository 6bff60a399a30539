import i18next from "i18next";
import { expect, test, vi } from "vitest";
import type { UserErrorCode } from "../../protocol/errors.ts";
import { UserError } from "../../protocol/errors.ts";
import { parseVtt } from "../../protocol/vtt.ts";
import { reach, refusal, sentence } from "./api.ts";
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

/** What the page says of a file that cannot be read. */
function saidOf(vtt: string): string {
  try {
    parseVtt(vtt);
    return "";
  } catch (error) {
    return sentence(error);
  }
}

test("in German what is wrong with a file of captions is told in German, with its line", () => {
  const head = "WEBVTT\n\n";
  const times = "00:01.000 --> 00:02.000";
  expect(saidOf("1\n00:01,000 --> 00:02,000\nHello")).toBe("Zeile 1: Eine WebVTT-Datei beginnt mit WEBVTT.");
  expect(saidOf(`${head}00:01 --> 00:02\nHello`)).toBe("Zeile 3: Hier sollten Zeiten stehen, etwa 00:01:02.000 --> 00:01:04.500.");
  expect(saidOf(`${head}00:02.000 --> 00:01.000\nHello`)).toBe("Zeile 3: Das endet, bevor es beginnt.");
  expect(saidOf(`${head}${times}\nHello\n${times}\nYou`)).toBe("Zeile 5: Vor diesen Zeiten fehlt eine leere Zeile.");
  expect(saidOf(`${head}${times}\nHel\u0007lo`)).toBe("Zeile 4: Darin steht ein Steuerzeichen.");
  expect(saidOf(`${head}${times}\n${"a".repeat(2000)}`)).toBe("Zeile 4: Dieser Untertitel ist zu lang.");
});

test("in German what is wrong with a file of YAML is told in German, with its line and its place, and what has no words yet as it was written", async () => {
  const answer = { type: "about:blank", title: "bad-request", status: 400, code: "bad-request", detail: "line 2: items: Too small" };
  const told = async (why: unknown) => sentence(await refusal(new Response(JSON.stringify({ ...answer, why }))));
  expect(await told({ reason: "yaml-size", line: 2, at: "items" })).toBe(
    "Zeile 2: „items“ ist zu kurz oder zu lang, zu klein oder zu groß.",
  );
  expect(await told({ reason: "of tomorrow" })).toBe(answer.detail);
});
