import { entityTypes, tagAlphabet, tagLength, type Placeholder } from './words.ts'

/** `[PERSON_7KQ2]`, `[PERSON_7KQ2_L]`: what stands in a scrubbed text. Eight tokens or so for the usual models. */
export function writePlaceholder(placeholder: Placeholder): string {
  return `[${bareName(placeholder)}]`
}

/** Without brackets, for where they are not allowed (a tool's name, the name of a member): `PERSON_7KQ2`. */
export function bareName({ type, tag, form }: Placeholder): string {
  return form === '' ? `${type}_${tag}` : `${type}_${tag}_${form}`
}

/**
 * A tag of `tagLength` characters out of a digest (at least 10 bytes). A tag has a digit and a letter, so that neither
 * a word (`HTTP_BCDF`) nor a number (`ERROR_2048`) looks like one. `bump`: another one, where that is taken.
 */
export function tagOf(digest: Uint8Array, bump: number): string {
  for (let round = bump; ; round++) {
    let number = 0
    // Other bytes of the digest for each round, then the same ones moved by the round.
    for (let index = 0; index < 5; index++)
      number = number * 256 + ((digest[(round + index) % digest.length] ?? 0) ^ (round & 255))
    let tag = ''
    for (let index = 0; index < tagLength; index++) {
      tag += tagAlphabet.charAt(number % tagAlphabet.length)
      number = Math.floor(number / tagAlphabet.length)
    }
    if (isTag(tag)) return tag
  }
}

/** Whether a text (upper case) could be a tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text) && /\d/.test(text) && /[A-Z]/.test(text)
}

const tagPattern = new RegExp(`^[${tagAlphabet}]{${tagLength}}$`)

/** Text that looks like a placeholder, whoever wrote it; for finding those that were there before. */
export const placeholderPattern = new RegExp(
  `\\[?\\b(${entityTypes.join('|')})_([${tagAlphabet}]{${tagLength}})(?:_([A-Z0-9]{1,3}))?\\b\\]?`,
  'g',
)
