/** Headers that name a session, the surest first: OpenCode's two, Claude Code's, Codex's. */
const sessionHeaders = ['x-session-id', 'x-session-affinity', 'x-claude-code-session-id', 'session-id'] as const

/** A longer name is no name. */
const maxLength = 512

/**
 * What keeps the requests of one conversation together, as far as the caller says it: a header, the key of its prompt
 * cache, or its name for the user. null = not said.
 */
export function sessionOf(
  headers: { get(name: string): string | null },
  body: Readonly<Record<string, unknown>>,
): string | null {
  for (const name of sessionHeaders) {
    const value = headers.get(name)
    if (value !== null && isName(value)) return value
  }
  const metadata = body.metadata as Readonly<Record<string, unknown>> | null | undefined
  for (const value of [body.prompt_cache_key, body.user, body.safety_identifier, metadata?.user_id])
    if (isName(value)) return value
  return null
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxLength
