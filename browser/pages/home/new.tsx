// Making a room: an optional name, an optional role play, one button.
import { useSignal } from "@preact/signals";
import { Plus } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { ScenarioApi, type ShippedScenario } from "../roleplay/door.ts";
import { t } from "../words.ts";
import type { AdminApi } from "./admin.ts";
import { keepRoom, opened } from "./kept.ts";

export function NewRoom(props: { api: AdminApi }) {
  const title = useSignal("");
  const scenario = useSignal("");
  const keepWhispers = useSignal(false);
  const shipped = useSignal<ShippedScenario[]>([]);
  const busy = useSignal(false);
  useEffect(() => {
    new ScenarioApi(props.api.key).scenarios(null).then(
      (items) => (shipped.value = items),
      // A room can be made without.
      (error: unknown) => console.warn("the scenarios could not be listed", error),
    );
  }, [props.api.key]);
  const failure = useSignal<string | null>(null);
  const create = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      const room = await props.api.createRoom(title.value.trim() || t("home:rooms.unnamed"), scenario.value || null, keepWhispers.value);
      keepRoom(room);
      opened.value = room.id;
      title.value = "";
      scenario.value = "";
      keepWhispers.value = false;
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
        {shipped.value.length > 0 && (
          <select aria-label={t("play:scenario")} value={scenario.value} onChange={(event) => (scenario.value = event.currentTarget.value)}>
            <option value="">{t("play:noScenario")}</option>
            {shipped.value.map(({ id, title: name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
        <button type="submit" class="button primary" disabled={busy.value}>
          <Plus size={20} aria-hidden="true" />
          {t("home:rooms.make")}
        </button>
      </form>
      <div class="check">
        <input
          id="keep-whispers"
          type="checkbox"
          checked={keepWhispers.value}
          aria-describedby="keep-whispers-words"
          onChange={(event) => (keepWhispers.value = event.currentTarget.checked)}
        />
        <label for="keep-whispers">{t("home:rooms.keepWhispers")}</label>
        <p id="keep-whispers-words" class="small soft">
          {t("home:rooms.keepWhispersWords")}
        </p>
      </div>
      {failure.value && (
        <p class="notice warn" role="alert">
          {failure.value}
        </p>
      )}
    </section>
  );
}
