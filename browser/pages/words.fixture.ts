// Words for unit tests: English, whole, before the first test of a file.
import i18next from "i18next";
import { begin } from "./words.ts";

const english = import.meta.glob<Record<string, unknown>>("./words/en/*.json", { import: "default", eager: true });

await begin("en");
for (const [path, words] of Object.entries(english)) i18next.addResourceBundle("en", /(\w+)\.json$/.exec(path)![1]!, words);
