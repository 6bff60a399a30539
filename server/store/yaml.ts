// YAML that somebody wrote, read into a shape. Promise: whatever the text is, it costs little to find out, and what does not fit is told with the
// line it stands in, in words for whoever wrote it.
import { isMap, isNode, isScalar, Lexer, LineCounter, type ParsedNode, parseDocument, visit } from "yaml";
import { en } from "zod/locales";
import type * as z from "zod/mini";
import { UserError, type Why } from "../../protocol/errors.ts";

/** The reader takes its time over every token, so only as many as the longest honest file has. A rubric of 40 items with 11 steps each has 9000. */
const tokensMost = 12_000;
/** Of brackets in one another; and columns of indentation, which are the same by other means. */
const depthMost = 20;
const indentMost = 80;

const { localeError } = en();

/** `what`: "a rubric". Throws a UserError. */
export function readYaml<T extends z.ZodMiniType>(schema: T, text: string, what: string): z.infer<T> {
  const { document, lines } = parsed(text);
  const result = schema.safeParse(valueIn(document), { error: localeError });
  if (result.success) return result.data as z.infer<T>;
  // A misspelt word says more than that the right one is missing.
  const issue = result.error.issues.find(({ code }) => code === "unrecognized_keys") ?? result.error.issues[0];
  const path = [...(issue?.path ?? []), ...(issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])].map(String);
  const at = path.join(" → ") || "the file";
  throw misfit(what, lineOf(document, lines, path), at, issue?.message ?? "it does not fit", reasons[issue?.code ?? ""] ?? "yaml-misfit");
}

/** What fits by its shape and is wrong all the same; `path` says where. `reason`: of `Why`. */
export function wrongIn(text: string, what: string, path: readonly (string | number)[], why: string, reason = "yaml-misfit"): UserError {
  const { document, lines } = parsed(text);
  return misfit(what, lineOf(document, lines, path.map(String)), path.join(" → "), why, reason);
}

/** Of what the schema finds wrong. */
const reasons: Record<string, string> = {
  unrecognized_keys: "yaml-unknown",
  invalid_type: "yaml-lacking",
  too_small: "yaml-size",
  too_big: "yaml-size",
};

function misfit(what: string, line: number | null, at: string, words: string, reason: string): UserError {
  const why: Why = line === null ? { reason: "yaml-empty" } : { reason, line, at };
  return new UserError("bad-request", `This is not ${what}: ${line === null ? "" : `line ${line}: `}${at}: ${words}`, { why });
}

function parsed(text: string) {
  measure(text);
  const lines = new LineCounter();
  // Looking for keys that stand twice is ours: the library compares every one with every other. Errors are worded below.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error) throw notYaml(error.message, "yaml-syntax", lines.linePos(error.pos[0]).line);
  visit(document, {
    Alias: (_, node) => {
      // They could make a small file huge.
      const words = `*${node.source}: a reference to another place is not taken here`;
      throw notYaml(words, "yaml-alias", lines.linePos(node.range?.[0] ?? 0).line, node.source);
    },
    Map: (_, node) => {
      const seen = new Set<string>();
      for (const { key } of node.items) {
        const name = String(isScalar(key) ? key.value : key);
        if (seen.has(name))
          throw notYaml(`“${name}” stands here twice`, "yaml-double", lines.linePos((isNode(key) && key.range?.[0]) || 0).line, name);
        seen.add(name);
      }
    },
  });
  return { document, lines };
}

function measure(text: string): void {
  if (new RegExp(`^[ ]{${indentMost}}`, "m").test(text)) throw notYaml("it is indented too far", "yaml-much");
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth > depthMost) throw notYaml("there is too much in one another", "yaml-much");
    if (++tokens > tokensMost) throw notYaml("it is too long", "yaml-much");
  }
}

function valueIn(document: ReturnType<typeof parseDocument>): unknown {
  return document.toJS({ maxAliasCount: 0 });
}

/** Of the last part of the path that is there: in a map the key's, for that is what people look for. */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: readonly string[]): number | null {
  let node = document.contents as ParsedNode | null;
  let at: number | null = node?.range[0] ?? null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === part);
      if (!pair) break;
      at = (pair.key as ParsedNode | null)?.range[0] ?? at;
      node = pair.value as ParsedNode | null;
    } else if (node && "items" in node) {
      node = (node.items[Number(part)] as ParsedNode | undefined) ?? null;
      at = node?.range[0] ?? at;
    } else break;
  }
  return at === null ? null : lines.linePos(at).line;
}

function notYaml(words: string, reason: string, line?: number, at = ""): UserError {
  const why: Why = line === undefined ? { reason } : { reason, line, at };
  return new UserError("bad-request", `This is not YAML that can be read: ${line === undefined ? "" : `line ${line}: `}${words}.`, { why });
}
