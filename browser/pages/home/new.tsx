// Making a room: an optional name, one button.
import { useSignal } from "@preact/signals";
import { Plus } from "lucide-preact";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import type { AdminApi } from "./admin.ts";
import { keepRoom, opened } from "./kept.ts";

export function NewRoom(props: { api: AdminApi }) {
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
      announce(t("home:rooms.made"));
    } catch (error) {
      failure.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="new-room">
      <h1>{t("home:rooms.title")}</h1>
      <form onSubmit={create}>
        <input
          type="text"
          aria-label={t("home:rooms.nameLabel")}
          placeholder={t("home:rooms.namePlaceholder")}
          maxLength={80}
          value={title.value}
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={busy.value}>
          <Plus size={20} aria-hidden="true" />
          {t("home:rooms.make")}
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
