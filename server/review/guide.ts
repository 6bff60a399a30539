// What a room asks of its reviewers: markers, a rubric, feedback in secret first. Rubrics are plain YAML files that come and go as such.
// Promise: a rubric that does not fit is refused with the place and the reason, and nothing is changed.
import { stringify } from "yaml";
import { UserError } from "../../protocol/errors.ts";
import { type EditGuide, type Feedback, Rubric } from "../../protocol/feedback.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import { shippedIn } from "../store/shipped.ts";
import { readYaml, wrongIn } from "../store/yaml.ts";
import type { Audience } from "./audience.ts";
import { asked } from "./round.ts";

export interface GuideOptions {
  catalog: Catalog;
  access: Access;
  audience: Audience;
  /** The folder of the rubrics that come with the program. */
  shipped: string;
}

const what = "a rubric";

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
    const turned = guide.independent !== (before?.independent ?? 0);
    const recordings = await catalog.recordings({ roomId, limit: 1000 });
    if (turned) for (const { id } of recordings) await this.#open(id);
    await catalog.feedback.saveGuide(guide);
    for (const { id } of recordings) {
      audience.changed(id, "feedback");
      if (turned) audience.changed(id, "comments");
    }
    return asked(guide);
  }

  /** In secret or not is of what will be written: what was read does not hide again, and what was hidden and shows now does so for good. */
  async #open(recordingId: string): Promise<void> {
    const { feedback } = this.#options.catalog;
    if (await feedback.isGiven(recordingId)) await feedback.reveal(recordingId);
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
    return { items: [...(await shippedIn(this.#options.shipped, rubricOf)).values()] };
  }

  /** A scenario that was chosen names this rubric of those that come with the program. A rubric of the room's own stays. */
  async suggest(roomId: string, name: string): Promise<void> {
    const { catalog, audience, shipped } = this.#options;
    const rubrics = await shippedIn(shipped, rubricOf);
    const rubric = rubrics.get(name);
    if (!rubric) throw new UserError("not-found", `No rubric that comes with the program is called “${name}”.`);
    const before = await catalog.feedback.guide(roomId);
    const theirs = [...rubrics.values()].some((one) => JSON.stringify(one) === before?.rubric);
    if (before?.rubric && !theirs) return;
    await catalog.feedback.saveGuide({ roomId, markers: null, independent: 0, ...before, rubric: JSON.stringify(rubric) });
    for (const { id } of await catalog.recordings({ roomId, limit: 1000 })) audience.changed(id, "feedback");
  }
}

/** From YAML text, or as it is. Throws in words for whoever wrote the file. */
export function rubricOf(given: Rubric | string): Rubric {
  const rubric = typeof given === "string" ? readYaml(Rubric, given, what) : given;
  const twice = rubric.items.findIndex(({ id }, index) => rubric.items.findIndex((one) => one.id === id) < index);
  if (twice < 0) return rubric;
  const why = `two items have the same id, “${rubric.items[twice]?.id}”`;
  throw typeof given === "string"
    ? wrongIn(given, what, ["items", twice, "id"], why)
    : new UserError("bad-request", `This is not ${what}: ${why}.`);
}
