// Before the call: that this browser has another tab in it. Silent when it has not.
import { useSignal } from "@preact/signals";
import { Copy } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { namesElsewhere } from "../../call/identity.ts";

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
  if (name === undefined) return null;
  return (
    <aside class="notice" aria-label="This call in another tab">
      <Copy size={20} aria-hidden="true" />
      <p role="status">
        Another tab of this browser is in this call as {names.value.join(", ")}. Join as {name} to move the call here: that tab then leaves,
        and your recording goes on. Under another name you join as somebody else.
      </p>
    </aside>
  );
}
