/** Few tokens are longer: what is counted with it is seldom more than there are. */
const charactersPerToken = 4
/** What a picture or a recording is at most models, whatever its bytes are. */
const tokensPerAttachment = 1000
/** Shorter texts are taken as text without a look. */
const attachmentLength = 2048
/** Deeper than any request goes. */
const maxDepth = 32

/**
 * About how many tokens a request's prompt has, from its body. Pictures, recordings and files are not counted by their
 * bytes: a picture of a megabyte is no million letters.
 */
export function promptTokensOf(body: unknown): number {
  const count = { characters: 0, attachments: 0 }
  add(body, count, 0)
  return Math.ceil(count.characters / charactersPerToken) + count.attachments * tokensPerAttachment
}

/** About how many tokens a text of so many bytes has. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / charactersPerToken)

function add(value: unknown, count: { characters: number; attachments: number }, depth: number): void {
  if (typeof value === 'string') {
    if (value.length >= attachmentLength && isAttachment(value)) count.attachments++
    else count.characters += value.length
  } else if (typeof value === 'number') {
    // Prompts may be lists of tokens.
    count.characters += charactersPerToken
  } else if (typeof value === 'object' && value !== null && depth < maxDepth) {
    if (Array.isArray(value)) for (const item of value) add(item, count, depth + 1)
    else for (const name in value) add((value as Readonly<Record<string, unknown>>)[name], count, depth + 1)
  }
}

/** A data URL, or base64: long, and without a blank at its beginning or in its middle. */
export function isAttachment(text: string): boolean {
  if (text.startsWith('data:')) return true
  const middle = Math.floor(text.length / 2)
  return isBase64(text.slice(0, 512)) && isBase64(text.slice(middle, middle + 512))
}

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/_=-]+$/.test(text)
