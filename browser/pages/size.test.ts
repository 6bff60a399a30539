import { expect, test } from "vitest";
import { sizeText } from "./size.ts";

test("sizes carry at most one digit after the point", () => {
  expect(sizeText(0)).toBe("0 kB");
  expect(sizeText(1)).toBe("1 kB");
  expect(sizeText(2_960_000)).toBe("3 MB");
  expect(sizeText(1_250_000)).toBe("1.3 MB");
  expect(sizeText(41_400_000)).toBe("41 MB");
  expect(sizeText(1_200_000_000)).toBe("1.2 GB");
});
