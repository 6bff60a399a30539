// Receipts on the page: one's own as a line, everybody's as a list.
import { type Receipt, receiptWords } from "./receipt.ts";

/** `all`: everybody's tracks; the camera before the screen. */
export function OwnReceipt(props: { all: readonly Receipt[]; me: string | undefined }) {
  const mine = props.all.filter((receipt) => receipt.participant.id === props.me);
  return (
    <>
      {mine.map((receipt) => (
        <p key={receipt.source} class="receipt">
          {receipt.source === "screen" ? "Your screen" : "You"}: {receiptWords(receipt)}
        </p>
      ))}
    </>
  );
}

export function Receipts(props: { all: readonly Receipt[]; me: string | undefined }) {
  const others = props.all.filter((receipt) => receipt.participant.id !== props.me);
  if (others.length === 0) return null;
  return (
    <ul class="receipts" aria-label="Everybody's recording">
      {others.map((receipt) => (
        <li key={`${receipt.participant.id} ${receipt.source}`} class={receipt.state === "partial" ? "receipt-partial" : undefined}>
          <span class="receipt-name">
            {receipt.participant.name}
            {receipt.source === "screen" ? ", screen" : ""}
          </span>
          <span>{receiptWords(receipt)}</span>
        </li>
      ))}
    </ul>
  );
}
