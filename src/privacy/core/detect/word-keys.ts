/**
 * Names are written with umlauts, without them, and spelled out: Müller, Muller, Mueller. A key is what all of these
 * have in common; whether two words really agree is told by their forms.
 */
const letters: Readonly<Record<string, readonly [bare: string, spelled: string]>> = {
  ä: ['a', 'ae'],
  ö: ['o', 'oe'],
  ü: ['u', 'ue'],
  å: ['a', 'aa'],
  ø: ['o', 'oe'],
  æ: ['ae', 'ae'],
  œ: ['oe', 'oe'],
  ß: ['ss', 'ss'],
  ð: ['d', 'd'],
  þ: ['th', 'th'],
  ł: ['l', 'l'],
  đ: ['d', 'd'],
  ħ: ['h', 'h'],
}

/** A folded word in lower case without its diacritics, and with them spelled out. */
export function formsOf(word: string): readonly [bare: string, spelled: string] {
  if (!hasAccents(word)) return [word, word]
  let bare = ''
  let spelled = ''
  for (const character of word) {
    const [one, other] = letters[character] ?? plain(character)
    bare += one
    spelled += other
  }
  return [bare, spelled]
}

/** Mueller and Müller agree, Müller and Muller do; Mueller and Muller are two people. */
export function agree(one: string, other: string): boolean {
  if (one === other) return true
  const [bare, spelled] = formsOf(one)
  const [otherBare, otherSpelled] = formsOf(other)
  return bare === otherBare || spelled === otherSpelled || bare === otherSpelled || spelled === otherBare
}

/** The same for all words that agree, and for some more. */
export function keyOf(word: string): string {
  const [, spelled] = formsOf(word)
  let key = ''
  for (let index = 0; index < spelled.length; index++)
    if (index === 0 || !isSilent(spelled.charCodeAt(index - 1), spelled.charCodeAt(index))) key += spelled.charAt(index)
  return key
}

/** Whether the second unit of a pair is none in a key: `e` after `a`, `o` and `u`, and the second `a` of two. */
export function isSilent(before: number, unit: number): boolean {
  return unit === 101 ? before === 97 || before === 111 || before === 117 : unit === 97 && before === 97
}

/** Latin letters beside ASCII; letters of other scripts keep their marks: there another mark is another letter. */
export function isAccented(unit: number): boolean {
  return unit >= 0xc0 && unit <= 0x24f
}

function hasAccents(word: string): boolean {
  for (let index = 0; index < word.length; index++) if (isAccented(word.charCodeAt(index))) return true
  return false
}

function plain(character: string): readonly [string, string] {
  if (!isAccented(character.charCodeAt(0))) return [character, character]
  const bare = character.normalize('NFD').replace(/\p{M}/gu, '')
  return [bare, bare]
}
