// The start page: make a room, record yourself, and everything that was recorded. Without the admin key it says how to get in.
import { useSignal } from "@preact/signals";
import { Video } from "lucide-preact";
import { Frame } from "../frame.tsx";
import { adminKey, forgetAdminKey } from "../key.ts";
import { t } from "../words.ts";
import { AdminApi } from "./admin.ts";
import { Entrance } from "./entrance.tsx";
import "./home.css";
import { NewRoom } from "./new.tsx";
import { Recordings } from "./recordings.tsx";
import { Rooms } from "./rooms.tsx";

export function Home() {
  const key = useSignal(adminKey());
  const refused = useSignal(false);
  const out = () => {
    forgetAdminKey();
    refused.value = true;
    key.value = null;
  };
  return (
    <Frame
      aside={
        <a class="button" href="/solo">
          <Video size={20} aria-hidden="true" />
          {t("home:solo")}
        </a>
      }
    >
      {key.value ? (
        <div class="home">
          <NewRoom api={new AdminApi(key.value)} />
          <Rooms />
          <Recordings api={new AdminApi(key.value)} onRefused={out} />
        </div>
      ) : (
        <Entrance refused={refused.value} onKey={(given) => (key.value = given)} />
      )}
    </Frame>
  );
}
