import { type Body, optionalBoolean, readBody, requiredText, shown } from './body.ts'
import { parseHistory } from './chat-history.ts'
import { type Engine, maxBodyBytes, requireText } from './engine.ts'
import { ApiError, jsonResponse } from './errors.ts'
import type { Model, Token } from './model.ts'
import { parseTools } from './tools.ts'

/**
 * `POST /tokenize` as llama-server has it: `{content, add_special?, parse_special?, with_pieces?}`; and as vLLM has it,
 * for a whole conversation: `{messages, tools?}` → `{count, max_model_len, tokens}`.
 */
export async function tokenize(engine: Engine, request: Request): Promise<Response> {
  const body: Body = await readBody(request, maxBodyBytes)
  if (body.content === undefined && body.messages !== undefined) return tokenizeChat(engine, body)
  const content = requiredText(body, 'content')
  const { model } = engine
  const tokens =
    optionalBoolean(body, 'add_special') === true
      ? model.promptOf(content)
      : model.tokenize(content, optionalBoolean(body, 'parse_special') ?? true)
  if (optionalBoolean(body, 'with_pieces') !== true) return jsonResponse({ tokens })
  const pieces = tokens.map((id) => ({ id, piece: model.detokenize([id], { withSpecial: true }) }))
  return jsonResponse({ tokens: pieces })
}

function tokenizeChat(engine: Engine, body: Body): Response {
  requireText(engine)
  const history = parseHistory(body)
  const tokens = engine.model.chatPrompt(engine.model.wrapper, history, parseTools(body)?.functions)
  return jsonResponse({ count: tokens.length, max_model_len: engine.context, tokens })
}

/** `POST /detokenize`: `{tokens}` → `{content}`. */
export async function detokenize(engine: Engine, request: Request): Promise<Response> {
  const body = await readBody(request, maxBodyBytes)
  const tokens = parseTokens(engine.model, body.tokens, 'tokens')
  return jsonResponse({ content: engine.model.detokenize(tokens, { withSpecial: true }) })
}

export function parseTokens(model: Model, value: unknown, param: string): Token[] {
  const isToken = (token: unknown): token is Token =>
    typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < model.facts.vocabulary
  if (Array.isArray(value) && value.every(isToken)) return value
  const message = `"${param}" must be a text or a list of token numbers below ${model.facts.vocabulary}, not ${shown(value)}.`
  throw new ApiError(400, message, { param })
}
