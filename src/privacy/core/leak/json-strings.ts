/**
 * All strings of a JSON document, names of members too, with their escapes taken out, one behind the other with an
 * empty line between them: what a recogniser may read without seeing a value in numbers and punctuation. null: it is
 * no JSON.
 */
export function stringsOf(body: Uint8Array): string | null {
  const text = decode(body)
  if (text === null || !/^\s*[{["]/.test(text)) return null
  const found: string[] = []
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    const end = endOf(text, at + 1)
    if (end === -1) return null
    const inside = text.slice(at + 1, end)
    if (inside.length >= shortest) {
      const value = inside.includes('\\') ? unescaped(inside) : inside
      if (value === null) return null
      found.push(value)
    }
    at = end + 1
  }
  return found.join('\n\n')
}

/** Nothing with a check digit is shorter. */
const shortest = 6
const decoder = new TextDecoder('utf-8', { fatal: true })

function decode(body: Uint8Array): string | null {
  try {
    return decoder.decode(body)
  } catch {
    return null
  }
}

function endOf(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end
    while (before > from && text.charCodeAt(before - 1) === 0x5c) before--
    if ((end - before) % 2 === 0) return end
  }
  return -1
}

function unescaped(inside: string): string | null {
  try {
    return JSON.parse(`"${inside}"`) as string
  } catch {
    return null
  }
}
