// What an earlier page of this browser left unsent of this room: its link is opened again, so sending goes on by itself.
import { useSignal } from "@preact/signals";
import { CircleCheck, CloudUpload } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { troubleOf } from "../safe/safety.ts";
import { sizeText } from "../size.ts";
import { findUnsent, statuses, unsent, uploads } from "../uploads.ts";
import { t } from "../words.ts";

export function Leftovers(props: { room: string }) {
  const tracks = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => {
    void resume(props.room).then((found) => {
      tracks.value = found;
    });
  }, [props.room, tracks]);
  const mine = statuses.value.filter((status) => tracks.value.has(status.track));
  if (mine.length === 0) return null;
  const left = mine.reduce((sum, one) => sum + Math.max(0, one.bytesKept - one.bytesSafe), 0);
  const safe = mine.every((one) => one.state === "safe");
  const refused = mine.find((one) => one.state === "refused");
  return (
    <aside class={safe ? "notice safe" : "notice"} aria-label={t("lobby:leftovers.label")}>
      {safe ? <CircleCheck size={20} aria-hidden="true" /> : <CloudUpload size={20} aria-hidden="true" />}
      <p role="status">
        {safe ? t("lobby:leftovers.safe") : refused ? troubleOf(refused) : t("lobby:leftovers.sending", { size: sizeText(left) })}
      </p>
    </aside>
  );
}

/** Of this room only: another room's upload would take the line from this call. */
async function resume(room: string): Promise<Set<string>> {
  await findUnsent();
  const found = unsent.value.filter((status) => status.roomId === room).map((status) => status.track);
  for (const track of found) uploads().resume(track);
  if (found.length > 0) await findUnsent();
  return new Set(found);
}
