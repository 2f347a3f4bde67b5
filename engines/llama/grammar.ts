import { type Body, isObject, optionalObject, optionalText, shown } from './body.ts'
import { ApiError } from './errors.ts'
import { toGrammarSchema } from './json-schema.ts'
import type { Grammar, Model } from './model.ts'

/** How the library's grammars of JSON end: an answer that came so far is complete. */
export const grammarEnd = '\n\n\n\n'

/**
 * What an answer must look like: OpenAI's `response_format`, or llama-server's `json_schema` and `grammar` (GBNF).
 * null = as it likes.
 */
export async function parseGrammar(model: Model, body: Body): Promise<Grammar | null> {
  const text = optionalText(body, 'grammar') ?? ''
  if (text !== '') {
    return model.grammarFromText(text).catch((thrown: unknown) => {
      throw new ApiError(400, `"grammar" is not a GBNF grammar: ${reasonOf(thrown)}`, { param: 'grammar' })
    })
  }
  const schema = body.json_schema ?? null
  if (schema !== null) return grammarOfSchema(model, schema, 'json_schema')
  const format = optionalObject(body, 'response_format')
  if (format === null || format.type === 'text') return null
  if (format.type === 'json_object') return model.jsonGrammar()
  if (format.type === 'json_schema' && isObject(format.json_schema)) {
    return grammarOfSchema(model, format.json_schema.schema, 'response_format.json_schema.schema')
  }
  const message = `"response_format" must be of type text, json_object or json_schema (with its schema), \
not ${shown(format)}.`
  throw new ApiError(400, message, { param: 'response_format' })
}

async function grammarOfSchema(model: Model, schema: unknown, param: string): Promise<Grammar> {
  const converted = toGrammarSchema(schema, param)
  try {
    return await model.grammarForSchema(converted)
  } catch (thrown) {
    const message = `The JSON schema cannot be turned into a grammar: ${reasonOf(thrown)}`
    throw new ApiError(400, message, { param, code: 'invalid_json_schema' })
  }
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
