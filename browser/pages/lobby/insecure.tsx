// The page over plain http on a machine that is not this one: browsers then lend no camera. What it means and what to do.
import { Failure } from "../failure.tsx";
import { t } from "../words.ts";

export function Insecure() {
  const { host, origin, port } = window.location;
  return (
    <Failure
      title={t("insecure:title")}
      actions={
        <button type="button" class="button" onClick={() => window.location.reload()}>
          {t("insecure:again")}
        </button>
      }
    >
      <p>{t("insecure:words", { origin })}</p>
      <ol class="steps">
        <li>{t("insecure:ask", { address: `https://${host}` })}</li>
        <li>{t("insecure:run")}</li>
        <li>{t("insecure:local", { address: `http://localhost${port ? `:${port}` : ""}` })}</li>
      </ol>
    </Failure>
  );
}
