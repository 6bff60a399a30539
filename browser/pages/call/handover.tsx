// Going on at another device as the same person: an address to open there, to be scanned or copied. Promise: it is shown, never sent anywhere.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { renderSVG } from "uqr";
import { identityOf } from "../../call/identity.ts";
import { CopyLink } from "../copy.tsx";
import { handoverUrl } from "../lobby/handover.ts";
import { t } from "../words.ts";
import { Closing } from "./drawerclose.tsx";
import type { Visit } from "./visit.ts";

export function Handover({ visit, onClose }: { visit: Visit; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { room, key, name } = visit.options;
  const url = useMemo(() => {
    const identity = identityOf(room);
    return identity && handoverUrl(room, key, { ...identity, name });
  }, [room, key, name]);
  return (
    <dialog ref={dialog} class="handover" closedby="any" aria-labelledby="handover" onClose={onClose}>
      <form method="dialog">
        <h2 id="handover">{t("drawer:handover.title")}</h2>
        <p>{t("drawer:handover.words")}</p>
        {url && (
          <>
            <div
              class="handover-code"
              role="img"
              aria-label={t("drawer:handover.code")}
              dangerouslySetInnerHTML={{ __html: renderSVG(url) }}
            />
            <CopyLink id="handover" label={t("drawer:handover.link")} hint={t("drawer:handover.hint")} url={url} />
          </>
        )}
        <Closing />
      </form>
    </dialog>
  );
}
