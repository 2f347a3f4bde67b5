/**
 * What a cloud has beside conversations: completions, embeddings, rerank. They refuse what OpenAI's and Cohere's
 * refuse: no prompt, no input, empty texts, documents that are none, a format that is not theirs.
 */
import type { Json } from '../scripted-turn.ts'
import { bad, type Fault } from '../model-upstream/api.ts'

export interface PlainAnswer {
  readonly whole: Json
  /** Events of a stream, each as text; null: it never streams. */
  readonly events: readonly string[] | null
}

export interface PlainFacts {
  readonly body: Json
  readonly count: number
  /** What it makes of a prompt. */
  readonly say: (text: string) => string
  readonly split: (text: string) => readonly string[]
}

export interface PlainEndpoint {
  fault(body: Json): Fault | null
  answer(facts: PlainFacts): PlainAnswer
}

const texts = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

export const plainEndpoints: Readonly<Record<string, PlainEndpoint>> = {
  '/v1/completions': {
    fault: ({ prompt }) => (texts(prompt).every(isText) ? null : bad('prompt: a text or a list of texts', 'prompt')),
    answer: completions,
  },
  '/v1/embeddings': {
    fault({ input, encoding_format: format }) {
      if (!texts(input).every(isText) || texts(input).length === 0) return bad("'$.input' is invalid.", 'input')
      const isKnown = format === undefined || format === 'float' || format === 'base64'
      return isKnown ? null : bad(`Invalid value: '${String(format)}'.`, 'encoding_format')
    },
    answer: embeddings,
  },
  '/v1/rerank': {
    fault({ query, documents }) {
      if (!isText(query)) return bad('query: field required', 'query')
      const isList = Array.isArray(documents) && documents.length > 0 && documents.every(isText)
      return isList ? null : bad('documents: a list of texts', 'documents')
    },
    answer: rerank,
  },
}

function completions({ body, count, say, split }: PlainFacts): PlainAnswer {
  const head = { id: `cmpl-${count}`, object: 'text_completion', created: 1_700_000_000, model: body['model'] }
  const said = texts(body['prompt']).map((prompt) => say(String(prompt)))
  const ended = (text: string, index: number): Json => ({ index, text, logprobs: null, finish_reason: 'stop' })
  const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }
  const event = (choice: Json): string => `data: ${JSON.stringify({ ...head, choices: [choice] })}\n\n`
  return {
    whole: { ...head, choices: said.map(ended), usage },
    events: [
      ...said.flatMap((text, index) => [
        ...split(text).map((piece) => event({ index, text: piece, logprobs: null, finish_reason: null })),
        event(ended('', index)),
      ]),
      'data: [DONE]\n\n',
    ],
  }
}

function embeddings({ body }: PlainFacts): PlainAnswer {
  const isPacked = body['encoding_format'] === 'base64'
  const data = texts(body['input']).map((text, index) => {
    const vector = vectorOf(String(text))
    const embedding = isPacked ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector
    return { object: 'embedding', index, embedding }
  })
  const usage = { prompt_tokens: 6, total_tokens: 6 }
  return { whole: { object: 'list', data, model: body['model'], usage }, events: null }
}

/** The same for the same text. */
function vectorOf(text: string): readonly number[] {
  const vector = [0, 0, 0, 0]
  for (let at = 0; at < text.length; at++) vector[at % 4] = ((vector[at % 4] ?? 0) + text.charCodeAt(at)) % 97
  return vector.map((value) => value / 97)
}

function rerank({ body, count }: PlainFacts): PlainAnswer {
  const results = texts(body['documents']).map((text, index) => ({
    index,
    relevance_score: 1 / (index + 1),
    ...(body['return_documents'] === true ? { document: { text } } : {}),
  }))
  return { whole: { id: `rerank-${count}`, model: body['model'], results, usage: { total_tokens: 9 } }, events: null }
}
