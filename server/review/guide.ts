// What a room asks of its reviewers: markers, a rubric, feedback in secret first. Rubrics are plain YAML files that come and go as such.
// Promise: a rubric that does not fit is refused with the place and the reason, and nothing is changed.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify, YAMLParseError } from "yaml";
import * as z from "zod/mini";
import { UserError } from "../../protocol/errors.ts";
import { type EditGuide, type Feedback, Rubric } from "../../protocol/feedback.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Audience } from "./audience.ts";
import { asked } from "./round.ts";

export interface GuideOptions {
  catalog: Catalog;
  access: Access;
  audience: Audience;
  /** The folder of the rubrics that come with the program. */
  shipped: string;
}

type Asked = Pick<Feedback, "markers" | "ownMarkers" | "rubric" | "independent">;

export class Guide {
  readonly #options: GuideOptions;

  constructor(options: GuideOptions) {
    this.#options = options;
  }

  async look(credentials: Credentials, roomId: string): Promise<Asked> {
    await this.#options.access.room(credentials, roomId, "observer");
    return asked(await this.#options.catalog.feedback.guide(roomId));
  }

  async edit(credentials: Credentials, roomId: string, edit: EditGuide): Promise<Asked> {
    const { access, catalog, audience } = this.#options;
    await access.room(credentials, roomId, "host");
    const before = await catalog.feedback.guide(roomId);
    const { markers, rubric, independent } = edit;
    if (markers && new Set(markers.map(({ id }) => id)).size < markers.length)
      throw new UserError("bad-request", "Two markers have the same id.");
    const guide = {
      roomId,
      markers: markers === undefined ? (before?.markers ?? null) : markers && JSON.stringify(markers),
      rubric: rubric === undefined ? (before?.rubric ?? null) : rubric && JSON.stringify(rubricOf(rubric)),
      independent: independent === undefined ? (before?.independent ?? 0) : independent ? 1 : 0,
    };
    await catalog.feedback.saveGuide(guide);
    for (const { id } of await catalog.recordings({ roomId, limit: 1000 })) {
      audience.changed(id, "feedback");
      if (guide.independent !== (before?.independent ?? 0)) audience.changed(id, "comments");
    }
    return asked(guide);
  }

  /** As a file to take along. */
  async yaml(credentials: Credentials, roomId: string): Promise<{ text: string; type: string; name: string }> {
    const { rubric } = await this.look(credentials, roomId);
    if (!rubric) throw new UserError("not-found", "This room has no rubric.");
    return { text: stringify(rubric), type: "application/yaml", name: `${rubric.title}.yaml` };
  }

  /** Those that come with the program. */
  async shipped(credentials: Credentials, roomId: string): Promise<{ items: Rubric[] }> {
    await this.#options.access.room(credentials, roomId, "observer");
    const files = (await readdir(this.#options.shipped)).filter((name) => name.endsWith(".yaml")).toSorted();
    const texts = await Promise.all(files.map((name) => readFile(join(this.#options.shipped, name), "utf8")));
    return { items: texts.map(rubricOf) };
  }
}

/** From YAML text, or as it is. Throws in words for whoever wrote the file. */
export function rubricOf(given: Rubric | string): Rubric {
  const read = typeof given === "string" ? fromYaml(given) : given;
  const parsed = Rubric.safeParse(read);
  if (!parsed.success) {
    const { path = [], message = "" } = parsed.error.issues[0] ?? {};
    throw new UserError(
      "bad-request",
      `This is not a rubric: ${path.join(" → ") || "the file"}: ${message || z.prettifyError(parsed.error)}`,
    );
  }
  const { items } = parsed.data;
  if (new Set(items.map(({ id }) => id)).size < items.length)
    throw new UserError("bad-request", "This is not a rubric: two items have the same id.");
  return parsed.data;
}

function fromYaml(text: string): unknown {
  try {
    // Aliases could make a small file huge.
    return parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof YAMLParseError) throw new UserError("bad-request", `This is not YAML: ${cause.message}`, { cause });
    throw new UserError("bad-request", "This is not YAML that can be read.", { cause });
  }
}
