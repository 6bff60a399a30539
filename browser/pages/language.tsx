// The choice of language, on every page but the call. Each language is written as its speakers write it.
import { choose, type Language, language, languages, t } from "./words.ts";

export function LanguageChoice() {
  return (
    <select
      class="language"
      aria-label={t("language")}
      value={language()}
      onChange={(event) => choose(event.currentTarget.value as Language)}
    >
      {Object.entries(languages).map(([tag, name]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  );
}
