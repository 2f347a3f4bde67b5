import { expect, test } from 'bun:test'
import { classOf } from './failures.ts'

const bytes = (body: unknown): Uint8Array =>
  new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))

/** Bodies as the servers write them, in the form of their documents and bug reports. */
const said: readonly (readonly [string, number, unknown, ReturnType<typeof classOf>])[] = [
  [
    'OpenAI, context',
    400,
    { error: { message: 'too long', type: 'invalid_request_error', code: 'context_length_exceeded' } },
    'context_length',
  ],
  [
    'vLLM, context',
    400,
    {
      object: 'error',
      message: "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
    'context_length',
  ],
  [
    'vLLM now, context',
    400,
    { error: { message: 'maximum context length is 4096 tokens', type: 'BadRequestError', code: 400 } },
    'context_length',
  ],
  [
    'SGLang, context',
    400,
    {
      object: 'error',
      message: "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
      code: 400,
    },
    'context_length',
  ],
  [
    'llama-server, context',
    400,
    {
      error: {
        code: 400,
        message: 'request (25837 tokens) exceeds the available context size (25088 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_ctx: 25_088,
      },
    },
    'context_length',
  ],
  [
    'llama-server before, context',
    500,
    {
      error: {
        code: 500,
        message: 'the request exceeds the available context size.',
        type: 'exceed_context_size_error',
      },
    },
    'context_length',
  ],
  [
    'Anthropic, context',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 208656 tokens > 200000 maximum' },
    },
    'context_length',
  ],
  [
    'Anthropic, prompt and answer',
    400,
    {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000',
      },
    },
    'context_length',
  ],
  [
    'Gemini, context',
    400,
    [
      {
        error: {
          code: 400,
          message: 'The input token count (314175) exceeds the maximum number of tokens allowed (131072).',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
    'context_length',
  ],
  [
    'Azure, filter',
    400,
    {
      error: {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        code: 'content_filter',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    'content_filter',
  ],
  [
    'OpenAI, images',
    400,
    { error: { message: 'Rejected by the safety system.', code: 'moderation_blocked' } },
    'content_filter',
  ],
  [
    'a model that is not there',
    404,
    { error: { message: 'The model `x` does not exist.', code: 'model_not_found' } },
    'not_found',
  ],
  [
    'Mistral, a model that is not there',
    400,
    { object: 'error', message: 'Invalid model: x', type: 'invalid_model' },
    'not_found',
  ],
  ['Ollama, a model that is not there', 404, { error: 'model "x" not found, try pulling it first' }, 'not_found'],
  ['a refused key', 401, { error: { message: 'Incorrect API key provided' } }, 'auth'],
  ['no right to it', 403, {}, 'auth'],
  ['no money', 402, { error: { message: 'Insufficient credits' } }, 'auth'],
  ['too many requests', 429, { error: { message: 'Rate limit reached' } }, 'rate_limited'],
  ['llama-server loading', 503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'busy'],
  ['Anthropic overloaded', 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'busy'],
  ['a proxy that waited', 504, '<html>504 Gateway Time-out</html>', 'timeout'],
  ['a proxy without a server', 502, '<html>502 Bad Gateway</html>', 'server_error'],
  ['a crash', 500, 'Internal Server Error', 'server_error'],
  ['an endpoint that it does not have', 501, {}, 'not_found'],
  ['an address that is elsewhere', 302, '', 'not_found'],
  ['a wrong member', 400, { error: { message: 'temperature must be at most 2', type: 'invalid_request_error' } }, null],
  ['a wrong form', 422, { detail: [{ loc: ['body'], msg: 'field required' }] }, null],
  ['a body that is too large', 413, { error: { message: 'Request entity too large' } }, null],
  ['a conflict', 409, {}, null],
  [
    'words of the caller in a refusal',
    400,
    { error: { message: `bad role ${'x'.repeat(700)} maximum context length is 1` } },
    null,
  ],
  ['an answer', 200, { error: { code: 'context_length_exceeded' } }, null],
]

test.each(said)('%s: %d is told apart', (_who, status, body, kind) => {
  expect(classOf(status, bytes(body))).toBe(kind)
})

test.each([
  ['nothing', ''],
  ['no JSON', '{"error":'],
  ['null', 'null'],
  ['a number', '7'],
  ['an empty list', '[]'],
  ['half a letter', '\u0000'],
])('a body of %s is no surprise', (_what, body) => {
  expect(classOf(400, bytes(body))).toBeNull()
  expect(classOf(503, bytes(body))).toBe('busy')
})
