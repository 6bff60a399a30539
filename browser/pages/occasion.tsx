// When a recording was made, how long it is and who is in it: one line, the same wherever a recording is named.
import type { Recording } from "../../protocol/api.ts";
import { peopleOf } from "./state.tsx";
import { clockText, dateText, spokenTime } from "./time.ts";

export function Occasion(props: { recording: Recording; small?: boolean }) {
  const { recording } = props;
  const people = peopleOf(recording);
  return (
    <p class={props.small ? "soft small" : "soft"}>
      <time dateTime={recording.startedAt}>{dateText(recording.startedAt)}</time>
      {recording.durationMs > 0 && (
        <>
          <span aria-hidden="true"> · </span>
          <span class="clock" aria-hidden="true">
            {clockText(recording.durationMs)}
          </span>
          <span class="unseen">, {spokenTime(recording.durationMs)}</span>
        </>
      )}
      {people.length > 0 && <span> · {people.join(", ")}</span>}
    </p>
  );
}
