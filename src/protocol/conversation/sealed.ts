/**
 * Thoughts that are only there encrypted go back to the vendor that sealed them, and to no other: each refuses those of
 * others. In neutral form OpenAI's stand as they are and Anthropic's bear a mark; in Anthropic's dialect it is the
 * other way round, so that each passes as it is where the bytes pass.
 */
const anthropics = 'hearth-redacted:'
const foreign = 'hearth-encrypted:'

/** What stands in a `redacted_thinking` block, in neutral form. */
export const sealedOfData = (data: string): string =>
  data.startsWith(foreign) ? data.slice(foreign.length) : anthropics + data

/** A sealed thought as a `redacted_thinking` block holds it. */
export const dataOfSealed = (sealed: string): string =>
  sealed.startsWith(anthropics) ? sealed.slice(anthropics.length) : foreign + sealed

export const isSealedByAnthropic = (sealed: string): boolean => sealed.startsWith(anthropics)

/** Of the `data` of a block. */
export const isForeignData = (data: unknown): boolean => typeof data === 'string' && data.startsWith(foreign)
