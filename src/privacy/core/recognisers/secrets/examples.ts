import { isRun, type Format, type Part, type Run } from './format.ts'

/** A secret of a published form that nobody ever held, in the surroundings that the form needs. */
export interface Example {
  readonly text: string
  readonly value: string
}

/**
 * Writes one. `pick(count)` gives a number from 0 to `count - 1`; the same numbers give the same secret. `extent`: runs
 * of no fixed length as short or as long as the form allows.
 */
export function exampleOf(format: Format, pick: (count: number) => number, extent: 'min' | 'max' = 'min'): Example {
  const from = format.valueFrom ?? 0
  const lead = format.parts
    .slice(0, from)
    .map((part) => writePart(part, pick, extent))
    .join('')
  const draft = format.parts
    .slice(from)
    .map((part) => writePart(part, pick, extent))
    .join('')
  const value = format.proof?.complete(draft) ?? draft
  if (!format.near) return { text: lead + value, value }
  const word = format.near[pick(format.near.length)] ?? ''
  return { text: `${word}${/[=:/]$/.test(word) ? '' : ' key = '}${value}`, value }
}

function writePart(part: Part, pick: (count: number) => number, extent: 'min' | 'max'): string {
  if (typeof part === 'string') return part
  return isRun(part) ? writeRun(part, pick, part[extent]) : (part[pick(part.length)] ?? '')
}

/** Chance, but with what the run allows of digits and of letters of both cases. */
function writeRun(part: Run, pick: (count: number) => number, length: number): string {
  const all = charactersOf(part.of)
  const kinds = [/[A-Z]/, /\d/, /[a-z]/].map((kind) => all.filter((each) => kind.test(each)))
  let text = ''
  for (let index = 0; index < length; index++) {
    const wanted = length < 6 ? undefined : kinds[index % 7]
    const from = wanted && wanted.length > 0 ? wanted : index === 0 || index === length - 1 ? plain(all) : all
    text += from[pick(from.length)] ?? ''
  }
  return text
}

/** A secret seldom begins or ends with a sign, and where it does nobody can tell it from the sentence's own. */
function plain(characters: readonly string[]): readonly string[] {
  const found = characters.filter((each) => /[A-Za-z0-9]/.test(each))
  return found.length > 0 ? found : characters
}

/** `a-f0-9_-` → every character of it. */
function charactersOf(characterClass: string): readonly string[] {
  const characters: string[] = []
  for (let index = 0; index < characterClass.length; index++) {
    const first = characterClass.charCodeAt(index)
    const isRange = characterClass.charAt(index + 1) === '-' && index + 2 < characterClass.length
    const last = isRange ? characterClass.charCodeAt(index + 2) : first
    for (let code = first; code <= last; code++) characters.push(String.fromCharCode(code))
    if (isRange) index += 2
  }
  return characters
}
