import i18next from "i18next";
import { expect, test } from "vitest";
import { begin, languages } from "./pages/words.ts";
import small from "./translate.ts";

type Words = { [key: string]: Words | string };

const catalogues = import.meta.glob<Words>("./pages/words/*/*.json", { import: "default", eager: true });
const places = Object.entries(catalogues).map(([path, words]) => {
  const [, language = "", namespace = ""] = /(\w+)\/(\w+)\.json$/.exec(path) ?? [];
  return { language, namespace, words };
});

function keysOf(words: Words, before = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === "string" ? [before + key] : keysOf(value, `${before}${key}.`)));
}

async function speak(language: string): Promise<void> {
  await begin(language as keyof typeof languages);
  await small.init({ lng: language, fallbackLng: "en", defaultNS: "common" });
  for (const place of places) {
    i18next.addResourceBundle(place.language, place.namespace, place.words);
    small.addResourceBundle(place.language, place.namespace, place.words);
  }
}

test("the pages' own translator says what i18next says, for every sentence, language and number", async () => {
  const keys = [...new Set(places.flatMap(({ namespace, words }) => keysOf(words).map((key) => `${namespace}:${key}`)))];
  expect(keys.length).toBeGreaterThan(15);
  for (const language of Object.keys(languages)) {
    await speak(language);
    expect([small.language, small.dir(), small.isInitialized]).toEqual([i18next.language, i18next.dir(), true]);
    for (const key of keys) {
      const names = [...catalogueText(key).matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? "");
      const values = Object.fromEntries(names.map((name) => [name, `‹${name} & <b>›`]));
      expect(small.t(key, values), key).toBe(i18next.t(key as never, values as never));
      const counted = key.replace(/_(zero|one|other)$/, "");
      if (counted === key) continue;
      for (const count of [0, 1, 2, 5, 11, 21, 1000])
        expect(small.t(counted, { ...values, count }), counted).toBe(i18next.t(counted as never, { ...values, count } as never));
    }
  }
});

test("what is in no catalogue is answered alike, and nothing in them asks for what only i18next can", async () => {
  await speak("de");
  for (const ask of ["nothing.here", "home:nothing"]) expect(small.t(ask)).toBe(i18next.t(ask as never));
  const values = { defaultValue: "Hello {{name}}", name: "Asha" };
  expect(small.t("nothing.here", values)).toBe(i18next.t("nothing.here" as never, values as never));
  for (const { words } of places) expect(JSON.stringify(words)).not.toMatch(/\$t\(|\{\{[^}]*[,\s-][^}]*\}\}|_ordinal_/);
});

function catalogueText(key: string): string {
  const [namespace, path = ""] = key.split(":");
  let at: Words | string | undefined = places.find((place) => place.language === "en" && place.namespace === namespace)?.words;
  for (const step of path.split(".")) at = typeof at === "object" ? at[step] : undefined;
  return typeof at === "string" ? at : "";
}
