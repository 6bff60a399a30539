// The way out when nothing else helps: the bytes of a track as files on the person's own disk.
import { useSignal } from "@preact/signals";
import { Download } from "lucide-preact";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { uploads } from "../uploads.ts";
import { t } from "../words.ts";

/** Long enough for any browser to have started reading. */
const releaseMs = 60_000;

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), releaseMs);
}

export function SaveFile(props: { track: string; describedBy?: string }) {
  const failure = useSignal<string | null>(null);
  const save = async () => {
    failure.value = null;
    try {
      const files = await uploads().save(props.track);
      for (const file of files) saveFile(file, file.name);
      announce(t("safe:save.saving", { count: files.length }));
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  return (
    <>
      <button type="button" class="button" aria-describedby={props.describedBy} onClick={save}>
        <Download size={20} aria-hidden="true" />
        {t("safe:save.button")}
      </button>
      {failure.value && <span role="alert">{failure.value}</span>}
    </>
  );
}
