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

/** A person configured them for this one address; what the connection needs stays ours. */
export function telemetryHeadersOf(given: Readonly<Record<string, string>>, userAgent: string): Record<string, string> {
  return pick(given, { has: (name) => !ownHeaders.has(name) }, userAgent)
}

const ownHeaders = new Set(['accept-encoding', 'connection', 'content-length', 'host', 'te', 'transfer-encoding'])

/**
 * `identity`: bodies pass through as bytes, and a compressed one could not be read or spliced.
 */
function pick(
  given: Readonly<Record<string, string>>,
  allowed: Pick<ReadonlySet<string>, 'has'>,
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
