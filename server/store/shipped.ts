// YAML files that come with the program, by their names without ".yaml", in the order of those.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export async function shippedIn<T>(folder: string, read: (text: string) => T): Promise<Map<string, T>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return new Map(files.map((name, index) => [name.slice(0, -".yaml".length), read(texts[index] ?? "")]));
}
