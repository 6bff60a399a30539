// The rooms made in this browser, each with its links. The newest is open.
import { ArrowRight, DoorOpen } from "lucide-preact";
import type { CreatedRoom } from "../../../protocol/api.ts";
import { CopyLink } from "../copy.tsx";
import { forgetRoom, opened, rooms } from "./kept.ts";

export function Rooms() {
  if (rooms.value.length === 0) return <p class="soft">Make a room and send its guest link. Nobody needs an account.</p>;
  return (
    <ul class="rooms" aria-label="Rooms">
      {rooms.value.map((room) => (
        <li key={room.id} class="card">
          <OneRoom room={room} />
        </li>
      ))}
    </ul>
  );
}

function OneRoom({ room }: { room: CreatedRoom }) {
  return (
    <details open={opened.value === room.id}>
      <summary>
        <DoorOpen size={20} aria-hidden="true" />
        <span class="room-name">{room.name}</span>
        <span class="soft small">Links</span>
      </summary>
      <div class="room-links">
        <CopyLink label="Guest link" hint="For everybody you want to meet and record." url={room.guestUrl} />
        <CopyLink label="Host link" hint="For you. Whoever has it can start and stop recording." url={room.hostUrl} />
        <CopyLink label="Observer link" hint="For people who only watch and listen. They are never recorded." url={room.observerUrl} />
        <div class="row">
          <a class="button primary" href={room.hostUrl}>
            Open the room
            <ArrowRight size={20} aria-hidden="true" />
          </a>
          <button type="button" class="button quiet" onClick={() => forgetRoom(room.id)}>
            Hide from this list
          </button>
        </div>
      </div>
    </details>
  );
}
