// Receipts on the page: one's own as a line, everybody's as a list. Fetched when there are some.
import { t } from "../words.ts";
import { type Receipt, receiptWords } from "./receipt.ts";

/** `own`: my tracks; the camera before the screen. */
export function OwnReceipt(props: { own: readonly Receipt[] }) {
  return (
    <>
      {props.own.map((receipt) => (
        <p key={receipt.source} class="receipt">
          {t(receipt.source === "screen" ? "receipt:screen" : "receipt:you", { words: receiptWords(receipt) })}
        </p>
      ))}
    </>
  );
}

/** `all`: everybody's tracks. */
export function Receipts(props: { all: readonly Receipt[]; me: string | undefined }) {
  const others = props.all.filter((receipt) => receipt.participant.id !== props.me);
  if (others.length === 0) return null;
  return (
    <ul class="receipts" aria-label={t("receipt:everybody")}>
      {others.map((receipt) => (
        <li key={`${receipt.participant.id} ${receipt.source}`} class={receipt.state === "partial" ? "receipt-partial" : undefined}>
          <span class="receipt-name">
            {receipt.source === "screen" ? t("receipt:theirScreen", { name: receipt.participant.name }) : receipt.participant.name}
          </span>
          <span>{receiptWords(receipt)}</span>
        </li>
      ))}
    </ul>
  );
}
