// Before the call: that this browser has another tab in it. Silent when it has not.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { namesElsewhere } from "../../call/identity.ts";
import { useFetched } from "../fetched.ts";

const lookMs = 2000;

export function Elsewhere(props: { room: string }) {
  const names = useSignal<string[]>([]);
  useEffect(() => {
    const look = () => void namesElsewhere(props.room).then((found) => (names.value = found));
    look();
    const timer = setInterval(look, lookMs);
    return () => clearInterval(timer);
  }, [props.room, names]);
  const [name] = names.value;
  const Asides = useFetched(name !== undefined, async () => await import("./asides.tsx"), ["asides"]);
  return Asides && name !== undefined ? <Asides.InAnotherTab names={names.value.join(", ")} name={name} /> : null;
}
