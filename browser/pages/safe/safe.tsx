// After Leave, at the same address: what is still being sent, the way to the film, and the way back into the call.
import { ArrowLeft, Play } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Visit } from "../call/visit.ts";
import "./safe.css";
import { SafeStatus } from "./status.tsx";

export function Safe(props: { visit: Visit; onRejoin: () => void }) {
  const { visit } = props;
  const { room } = visit.view.value;
  const latest = visit.latest.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    document.title = `${room?.name ?? "Call"} · Doubletake`;
  }, [room?.name]);
  return (
    <section class="safe-page">
      <h1 ref={heading} tabIndex={-1}>
        You left the call
      </h1>
      <SafeStatus uploads={visit.uploads.value}>
        {latest && <Watch recording={latest} linkKey={visit.options.key} />}
        <button type="button" class="button" onClick={props.onRejoin}>
          <ArrowLeft size={20} aria-hidden="true" />
          Rejoin
        </button>
      </SafeStatus>
      {latest && (
        <p class="soft small">
          The film of everybody is put together while the call goes on. You can watch it as soon as everybody's part has arrived.
        </p>
      )}
    </section>
  );
}

export function Watch(props: { recording: string; linkKey: string }) {
  return (
    <a class="button primary" href={`/v/${props.recording}#${encodeURIComponent(props.linkKey)}`}>
      <Play size={20} aria-hidden="true" />
      Watch
    </a>
  );
}
