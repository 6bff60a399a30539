// Every setting: parsed, defaulted, explained. Flag > environment > YAML file > default; an unknown key is an error.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import * as z from "zod/mini";
import { IceServer } from "../protocol/call.ts";
import { UserError } from "../protocol/errors.ts";

const port = z.coerce.number().check(z.int(), z.gte(0), z.lte(65535));
const millis = z.coerce.number().check(z.int(), z.gte(0));

/** Name in flags and YAML (kebab-case) and, upper-cased with DOUBLETAKE_ before it, in the environment. */
export const settings = {
  port: { schema: z._default(port, 7000), about: "TCP port of pages, API and sockets; 0 picks a free one" },
  host: {
    schema: z._default(z.string(), "127.0.0.1"),
    about: "address to listen on; loopback unless set, because browsers give cameras only to https or localhost",
  },
  data: { schema: z._default(z.string(), "./data"), about: "folder that holds the catalog, the secrets and all media" },
  "admin-key": {
    schema: z.optional(z.string().check(z.minLength(16), z.maxLength(200))),
    about: "key that may create and list rooms; else made once and kept in the data folder",
  },
  "public-url": { schema: z.optional(z.url()), about: "address people use when a proxy stands in front; links are made with it" },
  "ice-servers": {
    schema: z.optional(jsonOf(z.array(IceServer))),
    about: "JSON array of RTCIceServer offered to browsers besides our own STUN",
  },
  "turn-urls": { schema: z._default(listOf(z.string()), []), about: "TURN urls, comma-separated; needs turn-secret" },
  "turn-secret": {
    schema: z.optional(z.string().check(z.minLength(1))),
    about: "coturn's static-auth-secret; credentials are made per participant and expire",
  },
  "turn-seconds": {
    schema: z._default(z.coerce.number().check(z.int(), z.gte(2), z.lte(86_400)), 600),
    about: "how long a TURN credential is good for; fresh ones are handed out while a call lasts",
  },
  "relay-only": { schema: z._default(z.stringbool(), false), about: "browsers use relayed candidates only" },
  "stun-port": { schema: z._default(port, 3478), about: "UDP port where STUN binding requests are answered; 0 picks a free one" },
  "film-size": {
    schema: z._default(z.string().check(z.regex(/^\d{3,4}x\d{3,4}$/)), "1280x720"),
    about: "canvas of the film, width x height, multiples of 16",
  },
  "film-names": {
    schema: z._default(z.stringbool(), true),
    about: "whether names are drawn on the film's tiles; either way the other one can be asked for, recording by recording",
  },
  "grace-ms": { schema: z._default(millis, 30_000), about: "how long somebody who vanished without a word is waited for" },
  "countdown-s": {
    schema: z._default(z.coerce.number().check(z.int(), z.gte(0), z.lte(30)), 3),
    about: "how long everybody in the call sees a count before the recording begins; 0 begins at once",
  },
  "disk-reserve-mb": { schema: z._default(millis, 64), about: "stop taking media when the disk has less than this free" },
  "whisper-model": {
    schema: z.optional(z.string().check(z.minLength(1))),
    about: "file of a Whisper model as whisper.cpp reads it: what was said is then written down on this machine; off unless set",
  },
  "whisper-program": {
    schema: z.optional(z.string().check(z.minLength(1))),
    about: "whisper.cpp's whisper-cli, to be used instead of FFmpeg's own filter",
  },
  "whisper-language": {
    schema: z._default(z.string().check(z.regex(/^[a-z]{2,4}$/)), "auto"),
    about: "what is spoken (en, de, …); auto: found out anew for every track",
  },
  "log-level": {
    schema: z._default(z.enum(["debug", "info", "warn", "error", "silent"]), "info"),
    about: "lines on standard output, JSON",
  },
} as const;

type Settings = typeof settings;
type Raw = { [K in keyof Settings]: z.infer<Settings[K]["schema"]> };
type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;
export type Config = { [K in keyof Raw as Camel<K>]: Raw[K] } & { canvas: { width: number; height: number } };

/** Throws UserError naming the setting that is wrong. Flags: `--port 7001` or `--port=7001`, and `--config file.yaml`. */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  const flags = readFlags(argv);
  const file = flags.get("config") ?? env["DOUBLETAKE_CONFIG"];
  flags.delete("config");
  const fromFile = file ? readFile(file) : {};
  for (const name of [...flags.keys(), ...Object.keys(fromFile)]) {
    if (!(name in settings))
      throw new UserError("bad-request", `There is no setting "${name}". Settings: ${Object.keys(settings).join(", ")}.`);
  }
  const out: Record<string, unknown> = {};
  for (const [name, { schema, about }] of Object.entries(settings)) {
    const variable = `DOUBLETAKE_${name.replaceAll("-", "_").toUpperCase()}`;
    const given = flags.get(name) ?? (env[variable] || undefined) ?? fromFile[name];
    const result = z.safeParse(schema as z.ZodMiniType, typeof given === "boolean" ? String(given) : given);
    if (!result.success)
      throw new UserError(
        "bad-request",
        `The setting "${name}" (${variable}) does not fit: ${result.error.issues[0]?.message}. It is: ${about}.`,
      );
    out[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())] = result.data;
  }
  const config = out as Omit<Config, "canvas">;
  const [width = 1280, height = 720] = config.filmSize.split("x").map(Number);
  if (width % 16 || height % 16)
    throw new UserError("bad-request", `The setting "film-size" needs multiples of 16, not ${config.filmSize}.`);
  return { ...config, data: resolve(config.data), canvas: { width, height } };
}

function readFlags(argv: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const [name = "", inline] = (argv[i] ?? "").split(/=(.*)/s);
    if (!name.startsWith("--")) throw new UserError("bad-request", `"${argv[i]}" is not a flag; flags look like --port 7001.`);
    const value = inline ?? argv[++i];
    if (value === undefined) throw new UserError("bad-request", `The flag ${name} needs a value.`);
    flags.set(name.slice(2), value);
  }
  return flags;
}

function readFile(path: string): Record<string, unknown> {
  const value: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw new UserError("bad-request", `${path} must hold "name: value" lines.`);
  return value as Record<string, unknown>;
}

function jsonOf<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.transform((value: unknown) => (typeof value === "string" ? parseOr(value) : value)),
    schema,
  );
}

function listOf<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.transform((value: unknown) =>
      typeof value === "string"
        ? value
            .split(",")
            .map((part) => part.trim())
            .filter(Boolean)
        : value,
    ),
    z.array(schema),
  );
}

/** Text that is not JSON goes on as text, so that the schema names the mistake. */
function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
