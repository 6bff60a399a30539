// A catalog that fails at its k-th statement, once or for ever, for every k until the whole life of a recording goes through: real SQLite, real files
// of its own, and errors as SQLite makes them, put before the statement at the one place where all of them pass.
import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Dialect } from "kysely";
import { afterEach, expect, test, vi } from "vitest";
import { Catalog, makeId, type TrackRow } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import { facts, noise, sha256, witness } from "./rig.fixture.ts";
import { Spool } from "./spool.ts";

const source = noise(3000, 41);

/** Asked before every statement, BEGIN, COMMIT and ROLLBACK included; throws what it is to fail with. */
const before: { fault: () => void } = vi.hoisted(() => ({ fault: () => undefined }));
vi.mock("../store/sqlite.ts", async (original) => {
  const { openSqlite } = await original<typeof import("../store/sqlite.ts")>();
  return { openSqlite: (file: string) => faulty(openSqlite(file)) };
});

function faulty(dialect: Dialect): Dialect {
  const driver = dialect.createDriver();
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async () => {
    const connection = await acquire();
    return {
      executeQuery: async (query) => {
        // SQLite has rolled back even where it says that it could not.
        const done = query.sql === "rollback" ? await connection.executeQuery<never>(query) : null;
        before.fault();
        return done ?? (await connection.executeQuery(query));
      },
      streamQuery: (query, size) => connection.streamQuery(query, size),
    };
  };
  return {
    createDriver: () => driver,
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

afterEach(() => {
  before.fault = () => undefined;
});

const sqliteError = (errcode: number) =>
  Object.assign(new Error(`SQLite error ${errcode}: made by the test`), { code: "ERR_SQLITE_ERROR", errcode });

function failAt(k: number, errcode: number, forEver: boolean) {
  const state = { calls: 0, failed: false };
  before.fault = () => {
    state.calls += 1;
    if (state.calls !== k && !(forEver && state.calls > k)) return;
    state.failed = true;
    throw sqliteError(errcode);
  };
  return state;
}

/** An empty catalog whose migrations are done, to begin each life with. */
const template = join(mkdtempSync(join(tmpdir(), "doubletake-catalog-")), "catalog.sqlite");
await (await Catalog.open(template)).close();

/** One recording from its room to its deletion, step by step; what a step has resolved with is kept, and what was promised with it can be looked up. */
class Life {
  readonly file: string;
  readonly disk: ModelDisk;
  readonly ids: Record<string, string> = {};
  readonly promised: ((catalog: Catalog) => Promise<boolean>)[] = [];
  acked = 0;
  #done = 0;

  private constructor(file: string, disk: ModelDisk) {
    this.file = file;
    this.disk = disk;
  }

  static async begin(): Promise<Life> {
    const root = mkdtempSync(join(tmpdir(), "doubletake-life-"));
    copyFileSync(template, join(root, "catalog.sqlite"));
    return new Life(join(root, "catalog.sqlite"), await ModelDisk.with(root));
  }

  spool(catalog: Catalog): Spool {
    const disk = new Disk(dirname(this.file), this.disk);
    return new Spool({ catalog, disk, reserveBytes: 0, inspect: witness, onAdvance: () => undefined });
  }

  /** Every step that is still to be done, each tried so many times. Throws what the last try of one did. */
  async live(catalog: Catalog, spool: Spool, tries: number): Promise<void> {
    for (; this.#done < steps.length; this.#done++) {
      for (let left = tries - 1; ; left--) {
        try {
          await steps[this.#done]!(this, catalog, spool);
          break;
        } catch (error) {
          if (left === 0) throw error;
        }
      }
    }
  }

  track(): TrackRow {
    return {
      id: this.ids["track"]!,
      recordingId: this.ids["recording"]!,
      participantId: this.ids["asha"]!,
      source: "camera",
      ended: 0,
      lost: 0,
    };
  }

  /** What was acked lies in the segment's file. */
  get held(): boolean {
    if (this.acked === 0) return true;
    const { recordingId, id } = this.track();
    const path = join(dirname(this.file), "recordings", recordingId, "tracks", id, `${this.ids["segment"]}.webm`);
    return this.disk.bytes(path)?.subarray(0, this.acked).equals(source.subarray(0, this.acked)) ?? false;
  }
}

type Step = (life: Life, catalog: Catalog, spool: Spool) => Promise<void>;

const steps: Step[] = [
  async (life, catalog) => {
    const { id } = await catalog.addRoom("Life");
    life.ids["room"] = id;
    life.promised.push(async (now) => (await now.room(id))?.name === "Life");
  },
  async (life, catalog) => {
    const id = makeId("par");
    await catalog.saveParticipant({ id, roomId: life.ids["room"]!, name: "Asha", role: "host", consentedAt: 1 });
    life.ids["asha"] = id;
    life.promised.push(async (now) => (await now.participant(id))?.consentedAt === 1);
  },
  async (life, catalog) => {
    const roomId = life.ids["room"]!;
    expect(await catalog.runningRecording(roomId)).toBeUndefined();
    const { id } = await catalog.addRecording({ roomId, startedAt: 1, zeroMs: 0, epoch: "test" });
    life.ids["recording"] = id;
    life.promised.push(async (now) => (await now.recording(id))?.roomId === roomId);
  },
  async (life, catalog) => {
    const { id } = await catalog.trackFor(life.ids["recording"]!, life.ids["asha"]!, "camera");
    life.ids["track"] = id;
    life.promised.push(async (now) => (await now.track(id))?.source === "camera");
  },
  async (life, catalog) => {
    await catalog.pause(life.ids["recording"]!, 100);
    await catalog.resume(life.ids["recording"]!, 200);
    life.promised.push(async (now) => (await now.pauses(life.ids["recording"]!)).every(({ toMs }) => toMs === 200));
  },
  async (life, _, spool) => {
    const segment = life.ids["segment"] ?? makeId("seg");
    life.ids["segment"] = segment;
    const { row, offset } = await spool.open(life.track(), segment, facts);
    expect(offset).toBeGreaterThanOrEqual(life.acked);
    if (!row.sha256 && offset < source.length) {
      const bytes = source.subarray(offset);
      const frame = { handle: 0, sequence: offset, offset, endOffset: source.length, eventMs: 0, bytes };
      life.acked = await (await spool.file(life.track(), row)).append(frame);
    }
    await spool.seal(life.track(), row, source.length, sha256(source));
    life.promised.push(async (now) => (await now.segment(segment))?.sha256 === sha256(source));
  },
  async (life, _, spool) => {
    await spool.end(life.track(), [life.ids["segment"]!]);
    life.promised.push(async (now) => (await now.track(life.ids["track"]!))?.ended === 1);
  },
  async (life, catalog) => {
    await catalog.stopRecording(life.ids["recording"]!, 5000);
    life.promised.push(async (now) => (await now.recording(life.ids["recording"]!))?.durationMs === 5000);
  },
  async (life, catalog) => {
    const sender = { recordingId: life.ids["recording"]!, reviewerId: null, standing: "host" };
    const { id } = await catalog.attachments.begin(sender);
    await catalog.attachments.finish(id, { kind: "voice", durationMs: 1000, bytes: 10 });
    const said = { atMs: 10, endMs: null, participantId: null, body: "", marker: null, author: "Asha", parentId: null };
    const comment = await catalog.feedback.addCommentWith(id, { ...said, ...sender });
    if (!comment) throw new Error("not posted");
    life.promised.push(async (now) => (await now.attachments.ofComment(comment.id))?.id === id);
  },
  async (life, catalog, spool) => {
    await spool.forget(life.ids["recording"]!);
    await catalog.deleteRecording(life.ids["recording"]!);
    life.promised.splice(2, life.promised.length, async (now) => (await now.recording(life.ids["recording"]!)) === undefined);
  },
];

/** The file as any other program sees it: sound, no row without what it belongs to, no state that nobody would make. */
function soundness(file: string): unknown {
  const db = new DatabaseSync(file);
  try {
    const all = (sql: string) => db.prepare(sql).all();
    return {
      integrity: all("PRAGMA integrity_check"),
      strays: all("PRAGMA foreign_key_check"),
      twice: all("SELECT roomId FROM recordings WHERE durationMs IS NULL GROUP BY roomId HAVING count(*) > 1"),
      open: all("SELECT 1 FROM pauses JOIN recordings ON id = recordingId WHERE toMs IS NULL AND durationMs IS NOT NULL"),
      half: all("SELECT id FROM comments WHERE NOT EXISTS (SELECT 1 FROM attachments WHERE commentId = comments.id)"),
    };
  } finally {
    db.close();
  }
}

const sound = { integrity: [{ integrity_check: "ok" }], strays: [], twice: [], open: [], half: [] };

async function keeps(life: Life, catalog: Catalog): Promise<boolean> {
  const kept = await Promise.all(life.promised.map((look) => look(catalog)));
  return kept.every(Boolean) && life.held;
}

for (const [name, errcode] of [
  ["SQLITE_IOERR", 10],
  ["SQLITE_FULL", 13],
] as const) {
  test(`${name} at the k-th statement, once: the same step succeeds when it is tried again, and nothing half made is left, for every k`, async () => {
    for (let k = 1; ; k++) {
      const life = await Life.begin();
      const catalog = await Catalog.open(life.file);
      const spool = life.spool(catalog);
      const state = failAt(k, errcode, false);
      await life.live(catalog, spool, 3);
      before.fault = () => undefined;
      if (!state.failed) {
        expect(k).toBeGreaterThan(20);
        break;
      }
      expect(soundness(life.file), `k=${k}`).toEqual(sound);
      expect(await keeps(life, catalog), `k=${k}`).toBe(true);
      await spool.close();
      await catalog.close();
    }
  });

  test(`${name} from the k-th statement on, for ever: what was promised is there after a restart, and the life goes on, for every k`, async () => {
    for (let k = 1; ; k++) {
      const life = await Life.begin();
      const catalog = await Catalog.open(life.file);
      const spool = life.spool(catalog);
      const state = failAt(k, errcode, true);
      const error = await life.live(catalog, spool, 2).catch((thrown: unknown) => thrown);
      before.fault = () => undefined;
      if (!state.failed) break;
      expect(error, `k=${k}`).toMatchObject({ code: expect.any(String) });
      await spool.close();
      await catalog.close();
      expect(soundness(life.file), `k=${k}`).toEqual(sound);
      const again = await Catalog.open(life.file);
      const next = life.spool(again);
      expect(await keeps(life, again), `k=${k}`).toBe(true);
      await life.live(again, next, 1);
      expect(await keeps(life, again), `k=${k}`).toBe(true);
      await next.close();
      await again.close();
    }
  });
}

test("a catalog whose very first start fails at some statement is made whole by the next start", async () => {
  for (let k = 1; ; k += 7) {
    const file = join(mkdtempSync(join(tmpdir(), "doubletake-first-")), "catalog.sqlite");
    const state = failAt(k, 10, true);
    const error = await Catalog.open(file).catch((thrown: unknown) => thrown);
    before.fault = () => undefined;
    if (!state.failed) {
      await (error as Catalog).close();
      expect(k).toBeGreaterThan(20);
      break;
    }
    expect(error, `k=${k}`).toBeInstanceOf(Error);
    expect(existsSync(file)).toBe(true);
    const catalog = await Catalog.open(file);
    expect((await catalog.addRoom("First")).name).toBe("First");
    await catalog.close();
    expect(soundness(file), `k=${k}`).toEqual(sound);
  }
});
