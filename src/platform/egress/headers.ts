/**
 * What may go out to an inference upstream. Everything else (cookies, hop-by-hop, forwarding traces) stays in the
 * house.
 */
const inferenceHeaders = new Set([
  'accept',
  'accept-language',
  'anthropic-beta',
  'anthropic-version',
  'api-key',
  'authorization',
  'content-type',
  'idempotency-key',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'x-api-key',
  'x-request-id',
])

const downloadHeaders = new Set(['accept', 'authorization', 'if-none-match', 'if-range', 'range'])

export function inferenceHeadersOf(given: Readonly<Record<string, string>>, userAgent: string): Record<string, string> {
  return pick(given, inferenceHeaders, userAgent)
}

export function downloadHeadersOf(given: Readonly<Record<string, string>>, userAgent: string): Record<string, string> {
  return pick(given, downloadHeaders, userAgent)
}

/**
 * `identity`: bodies pass through as bytes, and a compressed one could not be read or spliced.
 */
function pick(
  given: Readonly<Record<string, string>>,
  allowed: ReadonlySet<string>,
  userAgent: string,
): Record<string, string> {
  const picked: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': userAgent }
  for (const name in given) {
    const lower = name.toLowerCase()
    const value = given[name]
    if (value !== undefined && allowed.has(lower)) picked[lower] = value
  }
  return picked
}
