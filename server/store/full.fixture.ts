// The error that SQLite makes when it finds no room; a real one.
import { DatabaseSync } from "@photostructure/sqlite";

export function sqliteFull(): unknown {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec("PRAGMA max_page_count = 2; CREATE TABLE a (b)");
    database.prepare("INSERT INTO a VALUES (?)").run("x".repeat(10_000));
  } catch (error) {
    return error;
  } finally {
    database.close();
  }
  throw new Error("there was room");
}
