// SQLite under Kysely: opens the file as a durable store (WAL, every commit synced) and fits the driver to Kysely's dialect.
import { DatabaseSync } from "@photostructure/sqlite";
import { SqliteAdapter, type SqliteDatabase, SqliteDialect } from "kysely";

export function openSqlite(file: string): SqliteDialect {
  const db = new DatabaseSync(file);
  // Waiting comes first: a server that was killed a moment ago may not have let go of its locks when the next one opens the file.
  db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  const database: SqliteDatabase = {
    close: () => db.close(),
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        // Kysely asks which statements return rows; RETURNING clauses do, too.
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => {
          const { changes, lastInsertRowid } = statement.run(...(parameters as never[]));
          return { changes, lastInsertRowid };
        },
        iterate: (parameters) => statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
      };
    },
  };
  return new AtomicDialect({ database });
}

/** A migration and the note that it is done are one transaction: a crash in the very first start leaves nothing half made. */
class AtomicDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new AtomicAdapter();
  }
}

class AtomicAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
