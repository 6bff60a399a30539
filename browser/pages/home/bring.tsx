// A recording that was taken along from another server comes in here: one file is chosen, and it says how far it is until the recording is there.
import { useSignal } from "@preact/signals";
import { FileUp } from "lucide-preact";
import { useRef } from "preact/hooks";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import type { AdminApi } from "./admin.ts";

export function Bring({ api, onBrought }: { api: AdminApi; onBrought: () => void }) {
  const file = useRef<HTMLInputElement>(null);
  /** How much of it is sent, 0 to 1; null: nothing is under way. */
  const sent = useSignal<number | null>(null);
  const failure = useSignal<string | null>(null);
  const bring = async (chosen: File) => {
    failure.value = null;
    sent.value = 0;
    announce(t("home:bring.begun"));
    try {
      const { roomName } = await api.bring(chosen, (share) => (sent.value = share));
      announce(t("home:bring.done", { name: roomName }));
      onBrought();
    } catch (error) {
      failure.value = t("home:bring.failed", { file: chosen.name, why: sentence(error) });
    } finally {
      sent.value = null;
    }
  };
  const percent = sent.value === null ? null : Math.floor(sent.value * 100);
  return (
    <>
      <div class="bring">
        {percent !== null && (
          <span class="bring-way">
            <progress max={100} value={percent === 100 ? undefined : percent} aria-label={t("home:bring.way")} />
            <span class="soft small">{percent === 100 ? t("home:bring.reading") : t("home:bring.percent", { percent })}</span>
          </span>
        )}
        <button type="button" class="button" disabled={percent !== null} onClick={() => file.current?.click()}>
          <FileUp size={20} aria-hidden="true" />
          {t("home:bring.button")}
        </button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".zip,application/zip"
          aria-label={t("home:bring.file")}
          onChange={(event) => {
            const { files } = event.currentTarget;
            const [chosen] = files ?? [];
            if (chosen) void bring(chosen);
            // The same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
      </div>
      {failure.value && (
        <p class="notice warn bring-failure" role="alert">
          {failure.value}
        </p>
      )}
    </>
  );
}
