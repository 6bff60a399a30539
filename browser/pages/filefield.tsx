// A field that takes one file, in the house's look: a button, and beside it the name of what was chosen.
// Promise: it is still the browser's own field, so keys, dropping a file on it, and what a screen reader says of none chosen are as everywhere; the
// same file may be chosen again.
import { useSignal } from "@preact/signals";
import { FileUp } from "lucide-preact";
import "./filefield.css";
import { t } from "./words.ts";

export interface FileFieldProps {
  /** One per page. */
  id: string;
  label: string;
  /** As the browser's own field has it. */
  accept: string;
  onFile: (file: File) => Promise<unknown>;
}

export function FileField({ id, label, accept, onFile }: FileFieldProps) {
  const chosen = useSignal<string | null>(null);
  const open = async (field: HTMLInputElement) => {
    const [file] = field.files ?? [];
    if (!file) return;
    chosen.value = file.name;
    try {
      await onFile(file);
    } finally {
      // Once it is mended, it is chosen again.
      field.value = "";
    }
  };
  return (
    <div class="field">
      <label id={`${id}-label`} for={id}>
        {label}
      </label>
      <div class="file-line">
        <span class="button">
          <FileUp size={20} aria-hidden="true" />
          <span id={`${id}-button`}>{t("play:chooseFile")}</span>
          <input
            id={id}
            type="file"
            accept={accept}
            aria-labelledby={`${id}-label ${id}-button`}
            aria-describedby={chosen.value === null ? undefined : `${id}-chosen`}
            onChange={(event) => void open(event.currentTarget)}
          />
        </span>
        {chosen.value !== null && (
          <span id={`${id}-chosen`} class="soft small">
            {chosen.value}
          </span>
        )}
      </div>
    </div>
  );
}
