/**
 * How deep the JSON of a request or an answer may nest. Nothing that people mean comes near it; what is thousands deep
 * can be parsed, but neither walked nor printed: the stack ends.
 */
export const maxNesting = 200

/** The member of a JSON object that nests deeper than is taken; null: none. `text` is what it was parsed from. */
export function tooDeepMember(text: string, body: Readonly<Record<string, unknown>>): string | null {
  if (!hasMany(text, '{') && !hasMany(text, '[')) return null
  for (const name in body) if (isDeeper(body[name], maxNesting - 1)) return name
  return null
}

/** Most requests are too small to be deep: their few braces are counted sooner than their members are walked. */
function hasMany(text: string, brace: string): boolean {
  let at = text.indexOf(brace)
  for (let count = 0; at >= 0; count++) {
    if (count >= maxNesting / 2) return true
    at = text.indexOf(brace, at + 1)
  }
  return false
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (const entry of value) if (isDeeper(entry, levels - 1)) return true
    return false
  }
  // Parsed JSON has no other members than its own.
  for (const name in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[name], levels - 1)) return true
  return false
}
