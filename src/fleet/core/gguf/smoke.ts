import { type GgufTensor, type GgufValue, writeGguf } from '#protocol/gguf/writer.ts'
import { smokeVocabulary, special, type TokenClass, type Vocabulary } from './smoke-vocabulary.ts'

/**
 * Models that need no download. Their architecture, tokenizer and files are real, their weights are random (seeded,
 * the same bytes on every machine): they prove the path from request to answer, and their words are nonsense.
 *
 * How random weights come to speak in words: the first dimensions of a token's embedding name its class ("word",
 * "stop", …), no layer writes there, and the output matrix reads from them how likely each class is next. Attention
 * and feed-forward are random and large enough that what came before changes which word is chosen.
 */
export type SmokeKind = 'chat' | 'rank'

const shape = { embedding: 64, layers: 2, heads: 4, kvHeads: 2, head: 16, feedForward: 96, context: 8192 } as const
const seeds: Readonly<Record<SmokeKind, number>> = { chat: 0x4865_6174, rank: 0x5261_6e6b }

/** The embedding's value in the dimension of the token's class. */
const classStrength = 12
/** After the last norm a class dimension is about this large; the table below is in logits. */
const classGain = 6.4
const unlikely = -24
/** How strongly a token's own embedding speaks against saying it again. */
const againstItself = 0.2

/** `next[a][b]`: logits added to tokens of class b after a token of class a; absent = unlikely. */
const next: Readonly<Partial<Record<TokenClass, Readonly<Partial<Record<TokenClass, number>>>>>> = {
  special: { opener: 0 },
  newline: { opener: 0 },
  opener: { word: 0 },
  starter: { word: 0 },
  word: { word: 0, comma: 8.4, stop: 9.3, quote: -4 },
  comma: { word: 0, quote: -2 },
  stop: { starter: 0, eos: 5.2, quote: -4 },
  // What JSON needs, so that answers under a grammar come to an end: one word in quotes, few members, short numbers.
  quote: { bare: 8, close: 4, colon: 2, comma: 0, eos: -6 },
  bare: { quote: 18 },
  open: { quote: 10, bare: 4, digit: 2, close: 0 },
  colon: { word: 4, quote: 8, digit: 2, bare: 0 },
  digit: { word: 4, close: 6, quote: 4, comma: 3, digit: -1, stop: 2, eos: -2 },
  close: { close: 8, eos: 8, comma: 4, quote: 0 },
  // Ends a tool call: one is enough.
  angle: { eos: 8 },
  other: { word: 0, close: 4, quote: 2, comma: 0, bare: -4, eos: -4 },
  eos: { opener: 0 },
}

const chatTemplate = [
  "{%- if tools %}{{- '<|im_start|>system\\n' }}",
  "{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}",
  "{{- '# Tools\\n\\nYou may call one or more of these functions:\\n<tools>' }}",
  "{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}",
  "{{- '\\n</tools>\\n\\nFor each call answer with\\n' }}",
  '{{- \'<tool_call>\\n{"name": <name>, "arguments": <arguments>}\\n</tool_call>\' }}',
  "{{- '<|im_end|>\\n' }}{%- elif messages[0].role == 'system' %}",
  "{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}",
  "{%- for message in messages %}{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}",
  "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}",
  "{%- elif message.role == 'assistant' %}{{- '<|im_start|>assistant' }}",
  "{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}",
  '{%- for call in message.tool_calls or [] %}{%- set function = call.function if call.function else call %}',
  '{{- \'\\n<tool_call>\\n{"name": "\' + function.name + \'", "arguments": \' }}',
  "{{- function.arguments if function.arguments is string else function.arguments | tojson }}{{- '}\\n</tool_call>' }}",
  "{%- endfor %}{{- '<|im_end|>\\n' }}",
  "{%- elif message.role == 'tool' %}",
  "{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}",
  "{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}",
  "{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}",
  '{%- endif %}{%- endfor %}',
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}",
].join('')

/** The whole file, well under 1 MiB. `chat` is of the llama architecture, `rank` a qwen3 with a two-label head. */
export function smokeModel(kind: SmokeKind): Uint8Array<ArrayBuffer> {
  const vocabulary = smokeVocabulary()
  return writeGguf({ metadata: metadataOf(kind, vocabulary), tensors: tensorsOf(kind, vocabulary) })
}

function metadataOf(kind: SmokeKind, vocabulary: Vocabulary): readonly (readonly [string, GgufValue])[] {
  const architecture = kind === 'chat' ? 'llama' : 'qwen3'
  const text = (value: string): GgufValue => ({ type: 'string', value })
  const count = (value: number): GgufValue => ({ type: 'u32', value })
  return [
    ['general.architecture', text(architecture)],
    ['general.type', text('model')],
    ['general.name', text(kind === 'chat' ? 'Hearth Smoke' : 'Hearth Smoke Rank')],
    ['general.description', text('Random weights that Hearth wrote itself: proves the path, the words are nonsense.')],
    ['general.license', text('apache-2.0')],
    ['general.file_type', count(1)],
    ['general.quantization_version', count(2)],
    [`${architecture}.vocab_size`, count(vocabulary.tokens.length)],
    [`${architecture}.context_length`, count(shape.context)],
    [`${architecture}.embedding_length`, count(shape.embedding)],
    [`${architecture}.block_count`, count(shape.layers)],
    [`${architecture}.feed_forward_length`, count(shape.feedForward)],
    [`${architecture}.attention.head_count`, count(shape.heads)],
    [`${architecture}.attention.head_count_kv`, count(shape.kvHeads)],
    [`${architecture}.attention.key_length`, count(shape.head)],
    [`${architecture}.attention.value_length`, count(shape.head)],
    [`${architecture}.attention.layer_norm_rms_epsilon`, { type: 'f32', value: 1e-5 }],
    [`${architecture}.rope.dimension_count`, count(shape.head)],
    [`${architecture}.rope.freq_base`, { type: 'f32', value: 10_000 }],
    ...(kind === 'chat'
      ? []
      : ([
          ['qwen3.pooling_type', count(4)],
          ['qwen3.classifier.output_labels', { type: 'strings', value: ['yes', 'no'] }],
        ] as const)),
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('llama-bpe')],
    ['tokenizer.ggml.tokens', { type: 'strings', value: vocabulary.tokens }],
    // 3 = control, 1 = normal.
    [
      'tokenizer.ggml.token_type',
      { type: 'i32s', value: vocabulary.tokens.map((_, id) => (id < vocabulary.specials ? 3 : 1)) },
    ],
    ['tokenizer.ggml.merges', { type: 'strings', value: vocabulary.merges }],
    ['tokenizer.ggml.bos_token_id', count(special.bos)],
    ['tokenizer.ggml.eos_token_id', count(special.eos)],
    ['tokenizer.ggml.seperator_token_id', count(special.sep)],
    ['tokenizer.ggml.padding_token_id', count(special.bos)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: true }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ...(kind === 'chat' ? ([['tokenizer.chat_template', text(chatTemplate)]] as const) : []),
  ]
}

function tensorsOf(kind: SmokeKind, vocabulary: Vocabulary): readonly GgufTensor[] {
  const chance = createChance(seeds[kind])
  const { embedding, head, heads, kvHeads, feedForward } = shape
  const classes = [...new Set(vocabulary.classes)]
  const matrix = (name: string, columns: number, rows: number, spread: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    type: 'F16',
    values: Float32Array.from({ length: columns * rows }, () => chance() * spread),
  })
  const ones = (name: string, size: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [size],
    type: 'F32',
    values: new Float32Array(size).fill(1),
  })
  /** Leaves the dimensions of the classes alone: its rows there are zero. */
  const writer = (name: string, columns: number, spread: number): GgufTensor => {
    const tensor = matrix(name, columns, embedding, spread)
    tensor.values.fill(0, 0, classes.length * columns)
    return tensor
  }
  const layers = Array.from({ length: shape.layers }, (_, layer) => [
    ones(`blk.${layer}.attn_norm`, embedding),
    matrix(`blk.${layer}.attn_q`, embedding, heads * head, 0.5),
    matrix(`blk.${layer}.attn_k`, embedding, kvHeads * head, 0.5),
    matrix(`blk.${layer}.attn_v`, embedding, kvHeads * head, 0.18),
    writer(`blk.${layer}.attn_output`, heads * head, 0.1),
    ...(kind === 'rank' ? [ones(`blk.${layer}.attn_q_norm`, head), ones(`blk.${layer}.attn_k_norm`, head)] : []),
    ones(`blk.${layer}.ffn_norm`, embedding),
    matrix(`blk.${layer}.ffn_gate`, embedding, feedForward, 0.15),
    matrix(`blk.${layer}.ffn_up`, embedding, feedForward, 0.15),
    writer(`blk.${layer}.ffn_down`, feedForward, 0.1),
  ])
  const input = embeddings(vocabulary, classes, chance)
  return [
    input,
    ...layers.flat(),
    ones('output_norm', embedding),
    outputs({ vocabulary, classes, chance, input }),
    ...(kind === 'rank' ? [matrix('cls.output', embedding, 2, 0.2)] : []),
  ]
}

function embeddings(vocabulary: Vocabulary, classes: readonly TokenClass[], chance: () => number): GgufTensor {
  const values = new Float32Array(vocabulary.tokens.length * shape.embedding)
  vocabulary.classes.forEach((tokenClass, id) => {
    const row = values.subarray(id * shape.embedding, (id + 1) * shape.embedding)
    for (let at = classes.length; at < row.length; at++) row[at] = chance()
    row[classes.indexOf(tokenClass)] = classStrength
  })
  return { name: 'token_embd.weight', shape: [shape.embedding, vocabulary.tokens.length], type: 'F16', values }
}

function outputs(from: {
  readonly vocabulary: Vocabulary
  readonly classes: readonly TokenClass[]
  readonly chance: () => number
  readonly input: GgufTensor
}): GgufTensor {
  const { vocabulary, classes, chance, input } = from
  const values = new Float32Array(input.values.length)
  vocabulary.classes.forEach((tokenClass, id) => {
    const row = values.subarray(id * shape.embedding, (id + 1) * shape.embedding)
    const isOneOfMany =
      tokenClass === 'word' || tokenClass === 'starter' || tokenClass === 'opener' || tokenClass === 'bare'
    for (let at = classes.length; at < row.length; at++) {
      const itself = input.values[id * shape.embedding + at] ?? 0
      row[at] = isOneOfMany ? chance() * 0.4 - itself * againstItself : 0
    }
    classes.forEach((before, at) => (row[at] = (next[before]?.[tokenClass] ?? unlikely) / classGain))
  })
  return { name: 'output.weight', shape: [shape.embedding, vocabulary.tokens.length], type: 'F16', values }
}

/**
 * About normal, mean 0, deviation 1: the sum of four even draws of mulberry32. No logarithm or cosine, which
 * machines round differently: the files must be the same to the byte everywhere.
 */
function createChance(seed: number): () => number {
  let state = seed
  const draw = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  return () => (draw() + draw() + draw() + draw() - 2) * Math.sqrt(3)
}
