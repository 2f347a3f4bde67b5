/** How a value can stand in bytes that were not decoded before. What escapes hide is made readable in readings.ts. */
export const formKinds = ['raw', 'bare', 'form', 'base64', 'hex', 'reversed', 'utf-16'] as const
export type FormKind = (typeof formKinds)[number]

export interface Form {
  readonly kind: FormKind
  readonly bytes: Uint8Array
  /** Letters count as they are: base64. Otherwise ASCII letters are found whatever their case. */
  readonly isExact: boolean
  /** Found only as a word of its own: `Ann`, not `Annual`. */
  readonly isWord: boolean
}

/** Values with fewer characters are in too many texts by chance. */
export const fewestCharacters = 4
/** What has no word around it is looked for only when it is as long as this. */
const fewestOpaqueBytes = 6
const fewestBareCharacters = 5
/** Beyond this only the beginning of a value is looked for, in every form: a key block gives itself away by that. */
const mostUnits = 256

/** Every form of a value, each once. Empty: the value is too short to be looked for. */
export function formsOf(value: string): readonly Form[] {
  const whole = value.trim().normalize('NFC')
  if ([...whole].length < fewestCharacters) return []
  const text = [...whole.slice(0, mostUnits)].filter((character) => !loneSurrogate.test(character)).join('')
  // What was cut has no end of its own.
  const asWord = { isExact: false, isWord: text.length === whole.length }
  const forms = new FormList()
  for (const spelling of rawSpellings(text)) {
    forms.add('raw', encoder.encode(spelling), asWord)
    const bare = spelling.replace(separators, '')
    if (bare.length >= fewestBareCharacters) forms.add('bare', encoder.encode(bare), asWord)
    if (spelling.includes(' ')) forms.add('form', encoder.encode(spelling.replaceAll(' ', '+')), asWord)
  }
  addOpaque(forms, text)
  const reversed = encoder.encode([...text].toReversed().join(''))
  if (reversed.length >= fewestOpaqueBytes) forms.add('reversed', reversed, asWord)
  return forms.forms
}

const encoder = new TextEncoder()
const loneSurrogate = /^[\ud800-\udfff]$/
const separators = /[\s\u00a0\u202f\-./()_+]+/g

/** As it is, taken apart, and where case is more than ASCII in all of both cases. */
function rawSpellings(text: string): ReadonlySet<string> {
  const spellings = new Set([text])
  if (!/[^\0-\x7f]/.test(text)) return spellings
  for (const each of [text, text.toLowerCase(), text.toUpperCase()]) {
    spellings.add(each)
    spellings.add(each.normalize('NFD'))
  }
  return spellings
}

function addOpaque(forms: FormList, text: string): void {
  for (const spelling of new Set([text, text.toLowerCase()])) {
    const bytes = encoder.encode(spelling)
    if (bytes.length < fewestOpaqueBytes) continue
    addBase64(forms, bytes)
    forms.add('hex', hexOf(bytes, ''), anyCase)
  }
  const bytes = encoder.encode(text)
  if (bytes.length >= fewestOpaqueBytes)
    for (const separator of [' ', ':']) forms.add('hex', hexOf(bytes, separator), anyCase)
  const wide = utf16Of(text)
  forms.add('utf-16', wide, anyCase)
  addBase64(forms, wide)
}

const anyCase = { isExact: false, isWord: false } as const

/**
 * What base64 has of these bytes for certain, whatever stands before and after them: bytes begin at one of three places
 * in a group of four letters, and the letters that other bytes have a part in are left out.
 */
function addBase64(forms: FormList, bytes: Uint8Array): void {
  for (let before = 0; before < 3; before++) {
    const moved = new Uint8Array(bytes.length + before)
    moved.set(bytes, before)
    const letters = base64Of(moved)
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor((moved.length * 8) / 6)
    const certain = letters.subarray(from, to)
    forms.add('base64', certain, { isExact: true, isWord: false })
    if (certain.includes(plus) || certain.includes(slash))
      forms.add('base64', certain.map(urlLetter), { isExact: true, isWord: false })
  }
}

class FormList {
  readonly forms: Form[] = []
  readonly #seen = new Set<string>()

  add(kind: FormKind, bytes: Uint8Array, how: { readonly isExact: boolean; readonly isWord: boolean }): void {
    if (bytes.length < fewestCharacters) return
    const key = String.fromCharCode(how.isWord ? 1 : 0, ...bytes)
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.forms.push({ kind, bytes, ...how })
  }
}

const base64Letters = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const plus = 0x2b
const slash = 0x2f
const urlLetter = (letter: number): number => (letter === plus ? 0x2d : letter === slash ? 0x5f : letter)

/** Without padding. */
export function base64Of(bytes: Uint8Array): Uint8Array {
  const letters = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let bits = 0
  let held = 0
  let length = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 6) {
      bits -= 6
      letters[length++] = base64Letters[(held >> bits) & 63] ?? 0
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) letters[length++] = base64Letters[(held << (6 - bits)) & 63] ?? 0
  return letters
}

const hexDigits = encoder.encode('0123456789abcdef')

function hexOf(bytes: Uint8Array, separator: string): Uint8Array {
  const gap = separator.length
  const digits = new Uint8Array(bytes.length * (2 + gap) - gap)
  let length = 0
  for (const byte of bytes) {
    if (gap === 1 && length > 0) digits[length++] = separator.charCodeAt(0)
    digits[length++] = hexDigits[byte >> 4] ?? 0
    digits[length++] = hexDigits[byte & 15] ?? 0
  }
  return digits
}

/** Little-endian, as Windows writes it. */
function utf16Of(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes[index * 2] = unit & 255
    bytes[index * 2 + 1] = unit >> 8
  }
  return bytes
}
