// What a room asks of its reviewers: markers, a rubric, feedback in secret first. Rubrics are plain YAML files that come and go as such.
// Promise: a rubric that does not fit is refused with the place and the reason, and nothing is changed; what was given on a recording keeps the words it
// was given by, whatever the room asks later.
import { stringify } from "yaml";
import { UserError } from "../../protocol/errors.ts";
import { type EditGuide, type Feedback, Rubric } from "../../protocol/feedback.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { GuideRow } from "../store/feedback.ts";
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
    const { access, catalog } = this.#options;
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
    await this.#ask(guide);
    return asked(guide);
  }

  /** The room asks this from now on; of its recordings that have feedback already, that stays what it is. */
  async #ask(guide: GuideRow): Promise<void> {
    const { catalog, audience } = this.#options;
    const { roomId } = guide;
    const turned = guide.independent !== ((await catalog.feedback.guide(roomId))?.independent ?? 0);
    const recordings = await catalog.recordings({ roomId, limit: 1000 });
    for (const { id } of recordings) await this.#settle(id, guide, turned);
    await catalog.feedback.saveGuide(guide);
    for (const { id } of recordings) {
      audience.changed(id, "feedback");
      if (turned) audience.changed(id, "comments");
    }
  }

  /** In secret or not is of what will be written: what was read does not hide again, and what was hidden and shows now does so for good. And what was
   * given keeps its words: a marker that a comment carries, an item that was scored. */
  async #settle(recordingId: string, guide: GuideRow, turned: boolean): Promise<void> {
    const { feedback } = this.#options.catalog;
    const { any, markers, items } = await feedback.given(recordingId);
    if (turned && any) await feedback.reveal(recordingId);
    const row = await feedback.guideOf(recordingId, guide.roomId);
    const [before, after] = [asked(row), asked(guide)];
    if (changes(markers, before.markers, after.markers)) await feedback.keepGuide(recordingId, { markers: row?.markers ?? null });
    if (row?.rubric && changes(items, before.rubric?.items ?? [], after.rubric?.items ?? []))
      await feedback.keepGuide(recordingId, { rubric: row.rubric });
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
    const { catalog, shipped } = this.#options;
    const rubrics = await shippedIn(shipped, rubricOf);
    const rubric = rubrics.get(name);
    if (!rubric) throw new UserError("not-found", `No rubric that comes with the program is called “${name}”.`);
    const before = await catalog.feedback.guide(roomId);
    const theirs = [...rubrics.values()].some((one) => JSON.stringify(one) === before?.rubric);
    if (before?.rubric && !theirs) return;
    await this.#ask({ roomId, markers: null, independent: 0, ...before, rubric: JSON.stringify(rubric) });
  }
}

/** Would any of `used` be called otherwise, or be gone? */
function changes(used: readonly string[], before: readonly { id: string }[], after: readonly { id: string }[]): boolean {
  const told = (all: readonly { id: string }[], wanted: string) => JSON.stringify(all.find(({ id }) => id === wanted));
  return used.some((id) => told(before, id) !== told(after, id));
}

/** From YAML text, or as it is. Throws in words for whoever wrote the file. */
export function rubricOf(given: Rubric | string): Rubric {
  const rubric = typeof given === "string" ? readYaml(Rubric, given, what) : given;
  const twice = rubric.items.findIndex(({ id }, index) => rubric.items.findIndex((one) => one.id === id) < index);
  if (twice < 0) return rubric;
  const why = `two items have the same id, “${rubric.items[twice]?.id}”`;
  throw typeof given === "string"
    ? wrongIn(given, what, ["items", twice, "id"], why, "yaml-twice")
    : new UserError("bad-request", `This is not ${what}: ${why}.`);
}
