/** Chance that can be had again: the same seed gives the same numbers. Fit for tests, never for secrets. */
export interface Random {
  readonly seed: number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T
  digits(count: number): string
  letters(count: number, alphabet: string): string
}

/** Marsaglia's xorshift on 32 bits, its beginning spread by the multiplier of Knuth. */
export function createRandom(seed: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 2654435761) ^ 0x85ebca6b) >>> 0 || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
  // The first numbers of near seeds are near each other.
  for (let round = 0; round < 16; round++) next()
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count)
  const letters = (count: number, alphabet: string): string => {
    let text = ''
    for (let index = 0; index < count; index++) text += alphabet.charAt(below(alphabet.length))
    return text
  }
  return {
    seed,
    below,
    pick: <T>(choices: readonly T[]): T => {
      if (choices.length === 0) throw new Error('nothing to choose from')
      return choices[below(choices.length)] as T
    },
    digits: (count) => letters(count, '0123456789'),
    letters,
  }
}

export const lowerCase = 'abcdefghijklmnopqrstuvwxyz'
export const upperCase = lowerCase.toUpperCase()
export const alphanumeric = `${lowerCase}${upperCase}0123456789`
export const hexDigits = '0123456789abcdef'
