// What an earlier page of this browser left unsent of this room: its link is opened again, so sending goes on by itself.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useFetched } from "../fetched.ts";
import { findUnsent, statuses, unsent, uploads } from "../uploads.ts";

export function Leftovers(props: { room: string }) {
  const tracks = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => {
    void resume(props.room).then((found) => {
      tracks.value = found;
    });
  }, [props.room, tracks]);
  const mine = statuses.value.filter((status) => tracks.value.has(status.track));
  const Asides = useFetched(mine.length > 0, async () => await import("./asides.tsx"), ["asides"]);
  return Asides && mine.length > 0 ? <Asides.LeftOver uploads={mine} /> : null;
}

/** Of this room only: another room's upload would take the line from this call. */
async function resume(room: string): Promise<Set<string>> {
  await findUnsent();
  const found = unsent.value.filter((status) => status.roomId === room).map((status) => status.track);
  for (const track of found) uploads().resume(track);
  if (found.length > 0) await findUnsent();
  return new Set(found);
}
