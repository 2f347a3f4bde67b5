/**
 * The vocabulary of the smoke models: a byte-level BPE like GPT-2's (all 256 bytes, so that any text can be
 * tokenised, and merges trained on the words below), then whole words, which Llama 3's rule `ignore_merges` matches
 * at once. A token's class says what may follow it (smoke.ts); that alone makes random weights speak in sentences.
 */
export type TokenClass =
  | 'special'
  | 'eos'
  | 'newline'
  | 'opener'
  | 'starter'
  | 'word'
  | 'bare'
  | 'stop'
  | 'comma'
  | 'quote'
  | 'open'
  | 'close'
  | 'colon'
  | 'digit'
  | 'angle'
  | 'other'

export interface Vocabulary {
  readonly tokens: readonly string[]
  readonly classes: readonly TokenClass[]
  readonly merges: readonly string[]
  readonly specials: number
}

/** Ids are their positions. */
export const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|sep|>'] as const
export const special = { bos: 0, imStart: 1, eos: 2, sep: 3 } as const

const mergeCount = 160
/** How GPT-2 writes a space inside a token. */
const space = 'Ġ'

const words =
  `the of and to in that is was for it with as his on be at by had not are but from or have an they which one you
were her all she there would their we him been has when who will more no if out so said what up its about into
than them can only other new some could time these two may then do first any my now such like our over man me
even most made after also did many before must through years where much your way well down should because each
just those people how too little state good very make world still own see men work long get here between both
life being under never day same another know while last might us great old year off come since against go came
right used take three hearth fire light stone river garden window morning kettle lamp copper iron silver amber
cedar willow orchard meadow harbour lantern quiet gentle slow bright green blue red grey warm cold small large
open closed hidden turning sleeping singing walking reading writing cooking mending carrying waiting house room
door table chair book letter song story bread soup salt honey apple water wind rain snow cloud moon star night
winter summer autumn spring road bridge hill valley forest field horse owl fox heron sparrow beetle moth wool
linen clay glass paper wheel clock bell rope sail anchor map key coin box basket ladder hammer needle thread`.split(
    /\s+/,
  )

const starters =
  `The A This That One Every Some When While Before After Under Over Between Here There Now Then Perhaps Still
Slowly Quietly Each Most Two Three Old New Little Great It We They He She You`.split(/\s+/)

const bare =
  `red blue green grey amber silver north south east west one two three small large warm cold open closed yes no
moon star river stone fox owl moth wool clay glass honey salt bread apple lamp bell map key`.split(/\s+/)

export function smokeVocabulary(): Vocabulary {
  const tokens: string[] = []
  const classes: TokenClass[] = []
  const known = new Set<string>()
  const add = (text: string, tokenClass: TokenClass): void => {
    if (known.has(text)) return
    known.add(text)
    tokens.push(text)
    classes.push(tokenClass)
  }
  specialTokens.forEach((text, id) => add(text, id === special.eos ? 'eos' : 'special'))
  byteAlphabet().forEach((text, byte) => add(text, classOfByte(byte)))
  for (const word of words) add(space + word, 'word')
  for (const word of starters) add(space + word, 'starter')
  for (const word of starters) add(word, 'opener')
  for (const word of bare) add(word, 'bare')
  const merges = trainMerges(
    [...words, ...starters].map((word) => space + word),
    mergeCount,
  )
  for (const [left, right] of merges) add(left + right, 'other')
  return { tokens, classes, merges: merges.map((pair) => pair.join(' ')), specials: specialTokens.length }
}

/** GPT-2's printable stand-in for each byte: itself where it is a visible Latin-1 character, else 256 and up. */
function byteAlphabet(): readonly string[] {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCharCode(isVisible ? byte : next++)
  })
}

function classOfByte(byte: number): TokenClass {
  const character = String.fromCharCode(byte)
  if (character === '\n') return 'newline'
  if (character === '.') return 'stop'
  if (character === ',') return 'comma'
  if (character === '"') return 'quote'
  if ('{['.includes(character)) return 'open'
  if ('}]'.includes(character)) return 'close'
  if (character === ':') return 'colon'
  if (character === '>') return 'angle'
  return character >= '0' && character <= '9' ? 'digit' : 'other'
}

/** Byte-pair encoding's training: joins the most frequent neighbours, again and again; equals go by code point. */
function trainMerges(corpus: readonly string[], count: number): readonly (readonly [string, string])[] {
  let texts = corpus.map((word) => [...word])
  const merges: (readonly [string, string])[] = []
  while (merges.length < count) {
    const counts = new Map<string, number>()
    for (const symbols of texts) {
      for (let at = 1; at < symbols.length; at++) {
        const pair = `${symbols[at - 1]} ${symbols[at]}`
        counts.set(pair, (counts.get(pair) ?? 0) + 1)
      }
    }
    let best = ''
    for (const [pair, seen] of counts) {
      const lead = seen - (counts.get(best) ?? 0)
      if (lead > 0 || (lead === 0 && pair < best)) best = pair
    }
    const [left = '', right = ''] = best.split(' ')
    if (left === '') break
    merges.push([left, right])
    texts = texts.map((symbols) => joined(symbols, left, right))
  }
  return merges
}

function joined(symbols: readonly string[], left: string, right: string): string[] {
  const result: string[] = []
  for (const symbol of symbols) {
    if (symbol === right && result.at(-1) === left) result[result.length - 1] = left + right
    else result.push(symbol)
  }
  return result
}
