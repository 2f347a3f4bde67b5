import { AppError } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'
import type { Reshape } from '../conversation/dialect.ts'
import { countsOf } from '../openai/chat/counts.ts'
import { neededText, numberAt, objects, textsAt, wrong } from '../openai/chat/members.ts'

/** Ollama's `/api/embed` onto `/v1/embeddings`: many texts. Whether too long ones are cut is the engine's to decide. */
export const ollamaEmbed: Reshape = {
  request(body) {
    const { input } = body
    if (typeof input !== 'string' && !Array.isArray(input)) throw wrong('input', 'a text or a list of texts', input)
    const dimensions = numberAt(body, 'dimensions')
    return {
      model: neededText(body, 'model'),
      input: typeof input === 'string' ? input : textsAt(body, 'input'),
      encoding_format: 'float',
      ...(dimensions === null ? {} : { dimensions }),
    }
  },
  answer(body, asked, { elapsedMs }) {
    const { promptTokens } = countsOf(body)
    return {
      model: asked['model'],
      embeddings: vectorsOf(body),
      total_duration: Math.round(elapsedMs() * 1_000_000),
      ...(promptTokens === null ? {} : { prompt_eval_count: promptTokens }),
    }
  },
}

/** Its predecessor `/api/embeddings`: one text. */
export const ollamaEmbeddings: Reshape = {
  request: (body) => ({
    model: neededText(body, 'model'),
    input: neededText(body, 'prompt'),
    encoding_format: 'float',
  }),
  answer: (body) => ({ embedding: vectorsOf(body)[0] ?? [] }),
}

/** In the order of what was asked. */
function vectorsOf(body: Json): readonly (readonly unknown[])[] {
  const data = [...objects(body.data)].sort((a, b) => numberOf(a.index) - numberOf(b.index))
  return data.map(({ embedding }): readonly unknown[] => {
    if (Array.isArray(embedding)) return embedding
    throw new AppError('upstream', 'The model sent its embeddings as something else than lists of numbers.', {
      reason: 'upstream_malformed',
    })
  })
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
