// The last row of a dialog in which there is nothing to decide: the button that closes it.
import { t } from "../words.ts";

/** Within a form of method "dialog". */
export function Closing() {
  return (
    <div class="row">
      <button type="submit" class="button primary">
        {t("drawer:close")}
      </button>
    </div>
  );
}
