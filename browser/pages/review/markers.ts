// A room's markers as they are written down, one name a line. Pure. Promise: a marker keeps its id when it is called otherwise or stands elsewhere, so
// that comments keep theirs.
import { colours, type Marker } from "../../../protocol/feedback.ts";

/** As many as the server takes, and as long. */
const mostMarkers = 12;
const mostLetters = 40;

/** `before`: the markers as they were shown, line by line. A line in the place of one that is gone is that one by another name. */
export function markersOf(text: string, before: readonly Marker[]): Marker[] {
  const names = [...new Set(text.split("\n").map((line) => line.trim().slice(0, mostLetters)))].filter(Boolean).slice(0, mostMarkers);
  const kept = new Map(before.filter(({ name }) => names.includes(name)).map((marker) => [marker.name, marker]));
  const renamed = renamedIn(names, before, kept);
  const taken = new Set([...kept.values(), ...renamed.values()].map(({ id }) => id));
  return names.map((name, index) => {
    const old = kept.get(name) ?? renamed.get(name);
    if (old) return { ...old, name };
    const id = freeId(name, taken);
    taken.add(id);
    return { id, name, colour: colours[index % colours.length]! };
  });
}

/** Between two that stayed, as many new names as are gone: the same ones, in order. With more or fewer nobody could say which is which. */
function renamedIn(names: readonly string[], before: readonly Marker[], kept: ReadonlyMap<string, Marker>): Map<string, Marker> {
  const renamed = new Map<string, Marker>();
  const runs = runsOf(
    names,
    (name) => kept.has(name),
    (name) => name,
  );
  for (const [after, gone] of runsOf(
    before,
    ({ name }) => kept.has(name),
    ({ name }) => name,
  )) {
    const fresh = runs.get(after) ?? [];
    if (fresh.length === gone.length) for (const [index, name] of fresh.entries()) renamed.set(name, gone[index]!);
  }
  return renamed;
}

/** What stands between those that `stays`, by the name of the one before it; "": at the beginning. */
function runsOf<T>(all: readonly T[], stays: (one: T) => boolean, nameOf: (one: T) => string): Map<string, T[]> {
  const runs = new Map<string, T[]>();
  let after = "";
  for (const one of all) {
    if (stays(one)) after = nameOf(one);
    else runs.set(after, [...(runs.get(after) ?? []), one]);
  }
  return runs;
}

function freeId(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const end = count === 1 ? "" : ` ${count}`;
    const id = name.slice(0, mostLetters - end.length) + end;
    if (!taken.has(id)) return id;
  }
}
