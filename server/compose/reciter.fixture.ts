// For tests: a model in whisper.cpp's file format (ggml, its large parts in F16) that says the same in whatever it hears. All its weights are zero but those of places and
// words: at each place in the answer stands one direction, and one word lies in it. So the real filter can be seen to work, without 75 MB of weights.
// The format is that of whisper.cpp's `models/convert-pt-to-ggml.py`.

const magic = 0x67676d6c;
/** Of the models for English only: so many tokens, of which the last 1501 are times of 20 ms. */
const vocabulary = 51_864;
const tokens = { end: 50_256, firstTime: 50_363 } as const;
const timeMs = 20;
const state = 64;
const audioContext = 1500;
const textContext = 448;
/** Four make a "tiny" one, and others it does not know. */
const audioLayers = 4;
const textLayers = 1;
const mels = 80;
const spectrum = 201;

/** ggml's numbers for the kinds of its parts. */
const [single, half] = [0, 1] as const;
/** Ten, as half precision has it (IEEE 754). */
const ten = 0x4900;

/** " " is asked for by name. */
const words = [" ", " Hello", " there."] as const;
/** What is said, and from when to when of what is heard. */
export const recited = { fromMs: 500, toMs: 2000, body: "Hello there." } as const;
const script = [tokens.firstTime + recited.fromMs / timeMs, 1, 2, tokens.firstTime + recited.toMs / timeMs, tokens.end];

export function reciter(): Buffer {
  const head = [magic, vocabulary, audioContext, state, 1, audioLayers, textContext, state, 1, textLayers, mels, half];
  const filters = [integers([mels, spectrum]), Buffer.alloc(mels * spectrum * 4)];
  const names = words.flatMap((word) => [integers([Buffer.byteLength(word)]), Buffer.from(word)]);
  const tensors = [...outer(), ...Array.from({ length: audioLayers }, (_, layer) => block(`encoder.blocks.${layer}`, ["attn"])).flat()];
  const decoder = Array.from({ length: textLayers }, (_, layer) => block(`decoder.blocks.${layer}`, ["attn", "cross_attn"])).flat();
  return Buffer.concat([integers(head), ...filters, integers([words.length]), ...names, ...tensors, ...decoder]);
}

function outer(): Buffer[] {
  const one = new Float32Array(state).fill(1);
  return [
    tensor("encoder.positional_embedding", [state, audioContext]),
    weights("encoder.conv1.weight", [3, mels, state]),
    tensor("encoder.conv1.bias", [1, state]),
    weights("encoder.conv2.weight", [3, state, state]),
    tensor("encoder.conv2.bias", [1, state]),
    ...norm("encoder.ln_post"),
    tensor("decoder.positional_embedding", [state, textContext], places()),
    weights("decoder.token_embedding.weight", [state, vocabulary], directions()),
    tensor("decoder.ln.weight", [state], one),
    tensor("decoder.ln.bias", [state]),
  ];
}

/** Far longer than what a word adds by itself; after the script's end nothing follows but its end. */
function places(): Float32Array<ArrayBuffer> {
  const all = new Float32Array(state * textContext);
  for (let place = 0; place < textContext; place++) all[place * state + Math.min(place, script.length - 1)] = 1000;
  return all;
}

function directions(): Uint16Array<ArrayBuffer> {
  const all = new Uint16Array(state * vocabulary);
  for (const [direction, token] of script.entries()) all[token * state + direction] = ten;
  return all;
}

function block(name: string, attentions: readonly string[]): Buffer[] {
  return [
    ...norm(`${name}.mlp_ln`),
    weights(`${name}.mlp.0.weight`, [state, 4 * state]),
    tensor(`${name}.mlp.0.bias`, [4 * state]),
    weights(`${name}.mlp.2.weight`, [4 * state, state]),
    tensor(`${name}.mlp.2.bias`, [state]),
    ...attentions.flatMap((attention) => [
      ...norm(`${name}.${attention}_ln`),
      ...["query", "value", "out"].flatMap((part) => [
        weights(`${name}.${attention}.${part}.weight`, [state, state]),
        tensor(`${name}.${attention}.${part}.bias`, [state]),
      ]),
      weights(`${name}.${attention}.key.weight`, [state, state]),
    ]),
  ];
}

const norm = (name: string) => [tensor(`${name}.weight`, [state]), tensor(`${name}.bias`, [state])];

const sizeOf = (shape: readonly number[]) => shape.reduce((size, side) => size * side, 1);

/** The innermost dimension first. */
function tensor(name: string, shape: readonly number[], values = new Float32Array(sizeOf(shape))): Buffer {
  return Buffer.concat([integers([shape.length, name.length, single, ...shape]), Buffer.from(name), Buffer.from(values.buffer)]);
}

function weights(name: string, shape: readonly number[], values = new Uint16Array(sizeOf(shape))): Buffer {
  return Buffer.concat([integers([shape.length, name.length, half, ...shape]), Buffer.from(name), Buffer.from(values.buffer)]);
}

function integers(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeInt32LE(value, index * 4);
  return buffer;
}
