import i18next from "i18next";
import { expect, test, vi } from "vitest";
import type { Trouble } from "../../../protocol/api.ts";
import german from "../words/de/refusals.json";
import { begin } from "../words.ts";
import { problemsOf } from "./problems.ts";

const asha = { name: "Asha", source: "camera" } as const;

test("in English a problem is the server's own sentence, which knows more", () => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
  const problems = ["Asha's camera: This is a text file, not a WebM or MP4 recording."];
  expect(problemsOf({ problems, troubles: [{ kind: "refused", ...asha }] })).toEqual(problems);
});

// Last, because it ends in the other language.
test("in German every problem that a recording can have is told in German", async () => {
  vi.stubGlobal("navigator", { languages: ["de-AT"] });
  await begin("de");
  i18next.addResourceBundle("de", "refusals", german);
  const troubles: Trouble[] = [
    { kind: "refused", ...asha },
    { kind: "empty", ...asha, source: "screen" },
    { kind: "unreadable", ...asha },
    { kind: "lost", ...asha, bytes: 2_500_000 },
    { kind: "lost", ...asha, bytes: 0 },
    { kind: "quiet", ...asha, fromMs: 0, toMs: 65_000 },
    { kind: "absent", name: "Ben", fromMs: 0, toMs: 7000 },
    { kind: "disk-full" },
    { kind: "not-composed" },
    { kind: "nothing" },
  ];
  const wayBack = "Bitte Asha, den Link des Raums im selben Browser noch einmal zu öffnen.";
  expect(problemsOf({ problems: troubles.map(() => "English"), troubles })).toEqual([
    "Asha, Kamera: Was kam, ist keine Aufnahme, die der Server annimmt.",
    "Asha, Bildschirm: Es wurde nichts aufgenommen.",
    "Asha, Kamera: Ein Teil lässt sich auf dem Server nicht mehr vom Datenträger lesen. Die Datei bleibt dort; der Film geht ohne ihn weiter.",
    `Asha, Kamera: 2,5 MB sind da, der Rest ist nicht angekommen. ${wayBack}`,
    `Asha, Kamera: Es ist nichts angekommen. ${wayBack}`,
    `Asha, Kamera: Was ab 0:00 aufgenommen wurde, ist bisher bis 1:05 da. ${wayBack}`,
    "Ben fehlt von 0:00 bis 0:07: Was kam, ließ sich nicht in den Film setzen.",
    "Der Datenträger des Servers ist voll: Der Film geht weiter, wenn wieder Platz ist.",
    "Der Film ließ sich nicht zusammensetzen; es wird noch einmal versucht.",
    "Es wurde nichts aufgenommen: Kein Browser hat etwas gesendet.",
  ]);
});
