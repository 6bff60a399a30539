import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userErrorCodes } from "../../protocol/errors.ts";
import { languages, t } from "./words.ts";

const folder = join(import.meta.dirname, "words");
const pages = readdirSync(join(folder, "en"));
const others = Object.keys(languages).filter((language) => language !== "en");

/** "key" → its text, groups written with dots. */
function flat(language: string, page: string): Map<string, string> {
  const walk = (value: unknown, path: string): [string, string][] =>
    typeof value === "string"
      ? [[path, value]]
      : Object.entries(value as object).flatMap(([key, below]) => walk(below, path ? `${path}.${key}` : key));
  return new Map(walk(JSON.parse(readFileSync(join(folder, language, page), "utf8")), ""));
}

/** Plural forms differ by language: what counts is that the sentence exists. */
const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");
const stems = (words: Map<string, string>) => [...new Set([...words.keys()].map(stem))].toSorted();
const holes = (text: string) =>
  [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]!))].filter((name) => name !== "count").toSorted();

test.each(others)("%s has every sentence that English has, and no other", (language) => {
  expect(readdirSync(join(folder, language)).toSorted()).toEqual(pages.toSorted());
  for (const page of pages) expect({ page, keys: stems(flat(language, page)) }).toEqual({ page, keys: stems(flat("en", page)) });
});

test.each(others)("%s fills in the same names and numbers, and leaves nothing empty", (language) => {
  for (const page of pages) {
    const english = flat("en", page);
    for (const [key, text] of flat(language, page)) {
      expect({ key, empty: text.trim() === "" }).toEqual({ key, empty: false });
      const source = english.get(key) ?? english.get(`${stem(key)}_other`) ?? "";
      expect({ page, key, holes: holes(text) }).toEqual({ page, key, holes: holes(source) });
    }
  }
});

test.each(Object.keys(languages))("%s has words for every refusal that somebody can meet, and of each in one place", (language) => {
  const worded = ["errors.json", "refusals.json"].flatMap((page) => [...flat(language, page).keys()]);
  expect(userErrorCodes.filter((code) => !worded.includes(code))).toEqual([]);
  expect(new Set(worded).size).toBe(worded.length);
});

test("a sentence is filled in as text", () => {
  expect(t("common:brand.home", { nothing: "<b>" })).toBe("Doubletake, home");
});
