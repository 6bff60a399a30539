// All wording of the pages, by language: `words/<language>/<page>.json`, loaded before a page is shown, one file per page and language.
// Promise: a word that a page needs is there when it is drawn, in the person's language, in English where that cannot be had. Call `t` while
// drawing, never while a module loads: the words come at the same time as the page's code.
import i18next from "i18next";

export type { Namespace } from "./words/keys.ts";

import { remember, remembered } from "./remembered.ts";
import type { Namespace } from "./words/keys.ts";

/** The languages that are complete; `words.test.ts` holds them to it. Names as their speakers write them. */
export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const kept = "doubletake.language";
const catalogues = import.meta.glob<Record<string, unknown>>("./words/*/*.json", { import: "default" });

/** The sentence of a key "page:key", with what stands in double braces filled in; plurals by `count`. It is text, never markup. */
export const t = i18next.t;

/** What the person chose on this device, else the first of the browser's languages that we speak. */
export function language(): Language {
  const asked = [remembered(kept), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return asked.find((tag): tag is Language => tag !== undefined && tag in languages) ?? "en";
}

/** For `Intl`: how this language writes dates and numbers. English means British here: day before month, 24 hours. */
export function locale(): string {
  return i18next.language === "de" ? "de-DE" : "en-GB";
}

/** Brings the words of these pages. English comes along only where it is the language or the other could not be loaded. */
export async function loadWords(pages: readonly Namespace[]): Promise<void> {
  const chosen = language();
  if (!i18next.isInitialized) await begin(chosen);
  await Promise.all(["common" as const, ...pages].map((page) => load(chosen, page)));
  document.documentElement.lang = i18next.language;
  document.documentElement.dir = i18next.dir();
}

/** Kept on this device. The page is loaded anew: what is on screen was drawn in the other language. */
export function choose(next: Language): void {
  remember(kept, next);
  window.location.reload();
}

/** Also for tests, which have no browser to ask. */
export async function begin(chosen: Language): Promise<void> {
  await i18next.init({
    lng: chosen,
    fallbackLng: "en",
    defaultNS: "common",
    resources: {},
    initAsync: false,
    // Preact writes text nodes, which need no escaping.
    interpolation: { escapeValue: false },
  });
}

async function load(chosen: Language, page: Namespace): Promise<void> {
  if (i18next.hasResourceBundle(chosen, page)) return;
  try {
    i18next.addResourceBundle(chosen, page, await catalogues[`./words/${chosen}/${page}.json`]!());
  } catch (cause) {
    if (chosen === "en") throw cause;
    console.warn(`the words of ${page} in ${chosen} could not be loaded`, cause);
    i18next.addResourceBundle("en", page, await catalogues[`./words/en/${page}.json`]!());
  }
}
