// Two people whose browsers find no way to each other: what that means for the recording, and where to look. Fetched once it has happened.
import { Unplug } from "lucide-preact";
import type { Other } from "../../call/call.ts";
import { t } from "../words.ts";
import { Notice } from "./notices.tsx";

/** `check`: the address of the page that says what is in the way. */
export function NoWay({ to, check }: { to: readonly Other[]; check: string }) {
  return (
    <Notice icon={<Unplug size={20} aria-hidden="true" />} warn>
      {t("noway:words", { names: to.map(({ participant }) => participant.name).join(", ") })}{" "}
      <a href={check} target="_blank" rel="noreferrer">
        {t("noway:check")}
      </a>
    </Notice>
  );
}
