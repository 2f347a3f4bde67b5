import { entityTypes, type Found, type Place, type Recogniser } from '../words.ts'
import { isTag, placeholderPattern } from '../placeholder.ts'

/**
 * Text that looks like a placeholder before anything was scrubbed: whoever typed it must get just that back, and not
 * what such a placeholder stands for.
 */
export const literalRecogniser: Recogniser = {
  id: 'literal',
  type: 'LITERAL',
  trigger: { kind: 'literal', literals: entityTypes.map((type) => `${type.toLowerCase()}_`) },
  match: matchLiteral,
}

/** Longer than every placeholder, with what tells whether it ends there. */
const mostUnits = 24
const whole = new RegExp(`^(?:${placeholderPattern.source})`)

function matchLiteral({ view, start }: Place): Found | null {
  const begin = view.text[start - 1] === '[' ? start - 1 : start
  if (begin === start && /\w/.test(view.text.charAt(start - 1))) return null
  const written = view.text.slice(begin, start + mostUnits)
  const match = whole.exec(written.toUpperCase())
  if (match === null) return null
  const [{ length }, , tag = ''] = match
  // In other letters only what could be a tag: that may be restored, `address_2024` never.
  if (written.slice(0, length) !== match[0] && !isTag(tag)) return null
  return { start: begin, end: begin + length, score: 1, isValidated: true, canonical: written.slice(0, length) }
}
