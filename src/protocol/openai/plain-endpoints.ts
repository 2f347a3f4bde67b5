import type { DataClass } from '../../kernel/words.ts'
import type { Json } from '../conversation/conversation.ts'
import { isTextual, type PlainEndpoint } from './plain.ts'

/** The endpoints that pass as they are. Shapes: OpenAI's API, vLLM 0.11, llama-server, Cohere v2, Jina. */
export const plainEndpoints: readonly PlainEndpoint[] = [
  {
    name: 'rerank',
    // vLLM, llama-server and Jina know `/v1/rerank`; Cohere's own base URL ends in `/v2`.
    paths: ['/v2/rerank'],
    upstreamPath: '/rerank',
    summary: 'Documents in the order of their relevance to a query, as Cohere v2 has it.',
    body: 'json',
    work: 'text',
    needs: ['query', 'documents'],
    data: ({ query, documents }) => textOrFile(query, documents),
    lacks: (answer) => list(answer.results ?? answer.data, 'results'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'score',
    paths: ['/v1/score', '/score'],
    upstreamPath: '/../score',
    summary: 'How alike two texts are, or a text and many.',
    body: 'json',
    work: 'text',
    needs: [],
    data: textOfAll,
    lacks: (answer) => list(answer.data, 'scores'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'tokenize',
    paths: ['/v1/tokenize', '/tokenize'],
    upstreamPath: '/../tokenize',
    summary: 'The tokens of a text or of a chat.',
    body: 'json',
    work: 'text',
    needs: [],
    data: textOfAll,
    lacks: (answer) => list(answer.tokens, 'tokens'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'detokenize',
    paths: ['/v1/detokenize', '/detokenize'],
    upstreamPath: '/../detokenize',
    summary: 'The text of tokens.',
    body: 'json',
    work: 'text',
    needs: ['tokens'],
    data: () => ['text'],
    // vLLM says `prompt`, llama-server `content`.
    lacks: (answer) => (typeof (answer.prompt ?? answer.content) === 'string' ? null : 'its answer has no text'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'moderations',
    paths: ['/v1/moderations'],
    upstreamPath: '/moderations',
    summary: 'Whether a text is harmful.',
    body: 'json',
    work: 'text',
    needs: ['input'],
    data: ({ input }) => (isTextual(input) ? ['text'] : ['text', 'image']),
    lacks: (answer) => list(answer.results, 'results'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'images/generations',
    paths: ['/v1/images/generations'],
    upstreamPath: '/images/generations',
    summary: 'A picture from a description.',
    body: 'json',
    work: 'image',
    needs: ['prompt'],
    data: textOfAll,
    lacks: (answer) => list(answer.data, 'pictures'),
    terminal: ['image_generation.completed'],
    other: 'none',
  },
  {
    name: 'images/edits',
    paths: ['/v1/images/edits'],
    upstreamPath: '/images/edits',
    summary: 'A picture from pictures and a description.',
    body: 'form',
    work: 'image',
    needs: ['image'],
    data: () => ['image', 'text'],
    lacks: (answer) => list(answer.data, 'pictures'),
    terminal: ['image_edit.completed'],
    other: 'none',
  },
  {
    name: 'images/variations',
    paths: ['/v1/images/variations'],
    upstreamPath: '/images/variations',
    summary: 'Pictures that resemble one.',
    body: 'form',
    work: 'image',
    needs: ['image'],
    data: () => ['image'],
    lacks: (answer) => list(answer.data, 'pictures'),
    terminal: [],
    other: 'none',
  },
  {
    name: 'audio/transcriptions',
    paths: ['/v1/audio/transcriptions'],
    upstreamPath: '/audio/transcriptions',
    summary: 'What is said in a recording.',
    body: 'form',
    work: 'audio',
    needs: ['file'],
    data: () => ['audio'],
    lacks: textMember,
    terminal: ['transcript.text.done'],
    other: 'text',
  },
  {
    name: 'audio/translations',
    paths: ['/v1/audio/translations'],
    upstreamPath: '/audio/translations',
    summary: 'What is said in a recording, in English.',
    body: 'form',
    work: 'audio',
    needs: ['file'],
    data: () => ['audio'],
    lacks: textMember,
    terminal: ['transcript.text.done'],
    other: 'text',
  },
  {
    name: 'audio/speech',
    paths: ['/v1/audio/speech'],
    upstreamPath: '/audio/speech',
    summary: 'A text, spoken.',
    body: 'json',
    work: 'audio',
    needs: ['input'],
    data: textOfAll,
    lacks: () => 'its answer is JSON, not sound',
    terminal: ['speech.audio.done'],
    other: 'bytes',
  },
]

function textOfAll(body: Json): readonly DataClass[] {
  return textOrFile(...Object.entries(body).map(([name, value]) => (isSetting(name) ? null : value)))
}

/** Members that say how, not what; pictures and recordings hide in none of them. */
const isSetting = (name: string): boolean => /^(model|stream|voice|chat_template_kwargs|tools)$/.test(name)

const textOrFile = (...values: readonly unknown[]): readonly DataClass[] =>
  values.every((value) => isTextual(value)) ? ['text'] : ['text', 'file']

const list = (value: unknown, what: string): string | null =>
  Array.isArray(value) ? null : `its answer has no list of ${what}`

function textMember(answer: Json): string | null {
  return typeof answer.text === 'string' ? null : 'its answer has no text'
}
