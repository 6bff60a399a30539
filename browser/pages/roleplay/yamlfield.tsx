// A YAML text from a file, or pasted. What is in it is judged by the server, in words, wherever this is used.
import { useSignal } from "@preact/signals";
import { FileField } from "../filefield.tsx";
import { t } from "../words.ts";

/** `id`: one per page. `onText` answers true when it was taken; until then the text stays in the field, so that a mistake can be mended. */
export function YamlField(props: { id: string; label: string; onText: (text: string) => Promise<unknown> }) {
  const text = useSignal("");
  const take = async (event: Event) => {
    event.preventDefault();
    if ((await props.onText(text.value)) === true) text.value = "";
  };
  return (
    <>
      <FileField id={props.id} label={props.label} accept=".yaml,.yml" onFile={async (file) => props.onText(await file.text())} />
      <details class="paste">
        <summary>{t("play:paste")}</summary>
        <form class="field" onSubmit={(event) => void take(event)}>
          <textarea
            rows={6}
            spellcheck={false}
            aria-label={t("play:pasteLabel")}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <button type="submit" class="button" disabled={!text.value.trim()}>
            {t("play:pasteTake")}
          </button>
        </form>
      </details>
    </>
  );
}
