// Whether this browser can keep a recording on the device, and for how long. Asks nobody anything.
import { keepStorage, roomOnDevice } from "../../upload/quota.ts";
import { aboutTime } from "../time.ts";
import { uploads } from "../uploads.ts";
import { t } from "../words.ts";
import type { Verdict } from "./checks.tsx";
import { hourBytes } from "./speed.ts";

export async function keeping(): Promise<Verdict> {
  void keepStorage();
  const storage = await uploads().storage();
  if (storage === null) return { look: "warn", words: t("checks:keeping.nothing") };
  if (storage === "memory") return { look: "warn", words: t("checks:keeping.memory") };
  const free = await roomOnDevice();
  if (free === null) return { look: "ok", words: t("checks:keeping.unknown") };
  const hours = free / hourBytes;
  if (hours >= 1) return { look: "ok", words: t("checks:keeping.hours", { count: Math.min(99, Math.floor(hours)) }) };
  const time = hours * 60 > 1 ? aboutTime(Math.floor(hours * 60) * 60_000) : t("checks:keeping.hardly");
  return { look: "warn", words: t("checks:keeping.little", { time }) };
}
