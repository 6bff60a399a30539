// Two kinds of test: units, many at once; then journeys, one file at a time, because each starts browsers and looks at real time.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["temporary.fixture.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["{protocol,browser,server}/**/*.test.{ts,tsx}", "journeys/rig/*.test.ts", "house-rules.test.ts"],
          setupFiles: ["chance.fixture.ts", "browser/pages/words.fixture.ts"],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "journeys",
          include: ["journeys/*.test.ts"],
          globalSetup: ["journeys/rig/build.ts"],
          fileParallelism: false,
          maxWorkers: 1,
          // A journey that takes this long hangs: the longest takes about a minute on two cores.
          testTimeout: 180_000,
          hookTimeout: 90_000,
          // Two shared cores run three browsers, a server and FFmpeg in real time: a journey that fails is walked up to twice more, and the report says so.
          // No bound is wider for it: what is broken fails each time.
          retry: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
