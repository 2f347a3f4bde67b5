import { expect, test } from 'bun:test'
import { upstreamError } from './upstream-status.ts'

const said = (status: number, body: string) =>
  upstreamError('The upstream office', status, new Headers(), new TextEncoder().encode(body))

test.each([
  [
    'a prompt that is too long, as Anthropic says it',
    400,
    '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000"}}',
    'context_length_exceeded',
  ],
  [
    'a prompt that is too long, as vLLM says it',
    400,
    `{"error":{"message":"This model's maximum context length is 8192 tokens.","code":400}}`,
    'context_length_exceeded',
  ],
  ['a filter', 400, '{"error":{"message":"no","code":"content_filter"}}', 'content_filter'],
  ['any other fault of a request', 400, '{"error":{"message":"max_tokens: Field required"}}', 'upstream_error'],
  ['a crash', 500, '{"error":{"message":"died"}}', 'upstream_error'],
  ['a page', 400, '<html>prompt is too long</html>', 'upstream_error'],
  ['a key of the house', 401, '{"error":{"message":"no"}}', 'upstream_auth'],
] as const)('%s has the code that clients look for', (_, status, body, reason) => {
  expect(said(status, body).error.reason).toBe(reason)
})
