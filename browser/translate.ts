// What the pages use of i18next, small: the build puts this in its place (`vite.config.ts`), because the library alone is a quarter of all
// JavaScript that the call page may have. Types, tests and the form of the catalogues (JSON v4) stay i18next's; `translate.test.ts` compares the
// two on every sentence there is.

type Values = Record<string, unknown>;
type Branch = { [key: string]: Branch | string };

interface Settings {
  lng: string;
  fallbackLng: string;
  defaultNS: string;
}

const bundles = new Map<string, Branch>();
const plurals = new Map<string, Intl.PluralRules>();
let settings: Settings | null = null;

const slot = (language: string, namespace: string) => `${language}/${namespace}`;

/** "other" → "_other": how i18next writes plural forms. Nought may have a sentence of its own. */
function suffixes(language: string, count: unknown): string[] {
  if (typeof count !== "number") return [""];
  const rules = plurals.get(language) ?? new Intl.PluralRules(language);
  plurals.set(language, rules);
  return [...(count === 0 ? ["_zero"] : []), `_${rules.select(count)}`, ""];
}

function find(language: string, namespace: string, key: string, count: unknown): string | undefined {
  for (const suffix of suffixes(language, count)) {
    let at: Branch | string | undefined = bundles.get(slot(language, namespace));
    for (const step of `${key}${suffix}`.split(".")) at = typeof at === "object" ? at[step] : undefined;
    if (typeof at === "string") return at;
  }
  return undefined;
}

/** What is named and not given leaves its place empty, as with i18next. */
const fill = (text: string, values: Values) => text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(values[name] ?? ""));

function t(name: string, values: Values = {}): string {
  if (!settings) return name;
  const [key = "", namespace = settings.defaultNS] = name.split(":").reverse();
  for (const language of new Set([settings.lng, settings.fallbackLng])) {
    const found = find(language, namespace, key, values.count);
    if (found !== undefined) return fill(found, values);
  }
  return fill(typeof values.defaultValue === "string" ? values.defaultValue : key, values);
}

export default {
  t,
  init: async (given: Settings): Promise<void> => {
    settings = given;
  },
  get isInitialized(): boolean {
    return settings !== null;
  },
  get language(): string {
    return settings?.lng ?? "en";
  },
  hasResourceBundle: (language: string, namespace: string) => bundles.has(slot(language, namespace)),
  addResourceBundle: (language: string, namespace: string, words: Branch) => void bundles.set(slot(language, namespace), words),
  dir: (): string => (/^(ar|dv|fa|he|ps|ur|yi)\b/.test(settings?.lng ?? "") ? "rtl" : "ltr"),
};
