// Making a room: an optional name, one button.
import { useSignal } from "@preact/signals";
import { Plus } from "lucide-preact";
import { announce } from "../announce.tsx";
import { type Api, sentence } from "../api.ts";
import { keepRoom, opened } from "./kept.ts";

export function NewRoom(props: { api: Api }) {
  const title = useSignal("");
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const create = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      const room = await props.api.createRoom(title.value.trim());
      keepRoom(room);
      opened.value = room.id;
      title.value = "";
      announce("The room is ready. Send the guest link to the people you want to meet.");
    } catch (error) {
      failure.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="new-room">
      <h1>Rooms</h1>
      <form onSubmit={create}>
        <input
          type="text"
          aria-label="Room name"
          placeholder="Room name, if you like"
          maxLength={80}
          value={title.value}
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={busy.value}>
          <Plus size={20} aria-hidden="true" />
          New room
        </button>
      </form>
      {failure.value && (
        <p class="notice warn" role="alert">
          {failure.value}
        </p>
      )}
    </section>
  );
}
