// The rooms made in this browser, each with its links. The newest is open.
import { useSignal } from "@preact/signals";
import { ArrowRight, DoorOpen } from "lucide-preact";
import type { CreatedRoom } from "../../../protocol/api.ts";
import { CopyLink } from "../copy.tsx";
import { ScenarioChoice } from "../roleplay/choice.tsx";
import { t } from "../words.ts";
import { forgetRoom, opened, rooms } from "./kept.ts";

export function Rooms() {
  if (rooms.value.length === 0) return <p class="soft">{t("home:rooms.empty")}</p>;
  return (
    <ul class="rooms" aria-label={t("home:rooms.title")}>
      {rooms.value.map((room) => (
        <li key={room.id} class="card">
          <OneRoom room={room} />
        </li>
      ))}
    </ul>
  );
}

function OneRoom({ room }: { room: CreatedRoom }) {
  const open = useSignal(opened.value === room.id);
  return (
    <details open={opened.value === room.id} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <DoorOpen size={20} aria-hidden="true" />
        <span class="room-name">{room.name}</span>
        <span class="soft small">{t("home:rooms.links")}</span>
      </summary>
      <div class="room-links">
        <CopyLink id={`guest-${room.id}`} label={t("home:rooms.guest")} hint={t("home:rooms.guestHint")} url={room.guestUrl} />
        <CopyLink id={`host-${room.id}`} label={t("home:rooms.host")} hint={t("home:rooms.hostHint")} url={room.hostUrl} />
        <CopyLink id={`observer-${room.id}`} label={t("home:rooms.observer")} hint={t("home:rooms.observerHint")} url={room.observerUrl} />
        {open.value && <ScenarioChoice roomId={room.id} linkKey={room.hostKey} />}
        <div class="row">
          <a class="button primary" href={room.hostUrl}>
            {t("home:rooms.open")}
            <ArrowRight size={20} aria-hidden="true" />
          </a>
          <button type="button" class="button quiet" onClick={() => forgetRoom(room.id)}>
            {t("home:rooms.hide")}
          </button>
        </div>
      </div>
    </details>
  );
}
