/**
 * Follows a text that is, or may be, JSON, to know how often a value must be escaped that is put in where the text
 * stands: once in a string, twice in a string of JSON that is the content of a string, and so on. What begins like JSON
 * and goes on otherwise is no JSON: prose may begin with a bracket. Takes the text in any pieces; keeps a few numbers.
 */
export class JsonDepth {
  readonly #levels: Level[]
  readonly #isForced: boolean

  /** `isForced`: it is JSON from the first brace on, however wrong it turns out to be. */
  constructor(options: { readonly isForced: boolean }) {
    this.#isForced = options.isForced
    this.#levels = [newLevel()]
  }

  take(text: string): void {
    for (let at = 0; at < text.length; at++) {
      if (this.#levels[0]?.kind === 'plain') return
      if (this.#isQuiet()) {
        telling.lastIndex = at
        if (!telling.test(text)) return
        at = telling.lastIndex - 1
      }
      this.#takeChar(0, text.charAt(at))
    }
  }

  /** What is to be written for a value that stands here. It counts as taken. */
  put(value: string): string {
    const [first] = this.#levels
    if (first?.kind === 'json' && !first.isInString && this.#isForced) {
      first.last = 'v'
      return escapeJson(JSON.stringify(value))
    }
    let depth = 0
    while (this.#levels[depth]?.isInString === true) depth += 1
    const innermost = this.#levels[depth]
    if (innermost) innermost.kind = 'plain'
    let written = value
    for (let level = 0; level < depth; level++) written = escapeJson(JSON.stringify(written).slice(1, -1))
    return written
  }

  /** Only a quote or a backslash changes anything. */
  #isQuiet(): boolean {
    const innermost = this.#levels.at(-1)
    if (innermost === undefined || this.#levels.length === 1) return false
    const isDeepest = this.#levels.length > maxDepth && innermost.isInString
    return (innermost.kind === 'plain' || isDeepest) && this.#levels.every(isAtRest)
  }

  #takeChar(index: number, char: string): void {
    const level = this.#levels[index]
    if (level === undefined || level.kind === 'plain') return
    if (level.isInString) this.#inString(index, level, char)
    else if (level.kind === 'blank') this.#begin(index, level, char)
    else if (!this.#inStructure(index, level, char) && !(this.#isForced && index === 0)) level.kind = 'plain'
  }

  #begin(index: number, level: Level, char: string): void {
    if (isBlank(char)) return
    const isBegin = char === '{' || char === '[' || (char === '"' && index === 0 && this.#isForced)
    level.kind = isBegin ? 'json' : 'plain'
    if (isBegin) this.#inStructure(index, level, char)
  }

  #inString(index: number, level: Level, char: string): void {
    if (level.hex !== null) {
      level.hex += char
      if (level.hex.length < 4) return
      const code = Number.parseInt(level.hex, 16)
      level.hex = null
      this.#takeChar(index + 1, String.fromCharCode(Number.isNaN(code) ? 0xfffd : code))
    } else if (level.isEscape) {
      level.isEscape = false
      if (char === 'u') level.hex = ''
      else this.#takeChar(index + 1, unescaped[char] ?? char)
    } else if (char === '\\') level.isEscape = true
    else if (char === '"') {
      level.isInString = false
      level.last = 'v'
      this.#levels.length = index + 1
    } else this.#takeChar(index + 1, char)
  }

  /** Whether it can go on so. */
  #inStructure(index: number, level: Level, char: string): boolean {
    if (isBlank(char)) {
      endToken(level)
      return true
    }
    if (char === '"') {
      const isFitting = level.token === '' && '[{,:'.includes(level.last)
      level.isInString = true
      if (this.#levels.length <= maxDepth) this.#levels[index + 1] = newLevel()
      return isFitting
    }
    if (char === '{' || char === '[') {
      // One text of JSON may follow another.
      const isFitting = level.token === '' && ('[,:'.includes(level.last) || level.nesting === 0)
      level.nesting += 1
      level.last = char
      return isFitting
    }
    if (char === '}' || char === ']') {
      endToken(level)
      const isFitting = level.nesting > 0 && level.last !== ',' && level.last !== ':'
      level.nesting -= 1
      level.last = 'v'
      return isFitting
    }
    if (char === ',' || char === ':') {
      endToken(level)
      const isFitting = level.last === 'v' && level.nesting > 0
      level.last = char
      return isFitting
    }
    const isFitting = level.token !== '' || '[,:'.includes(level.last)
    // Long enough for any word, and for telling a number.
    if (level.token.length < 5) level.token += char
    return isFitting && isToken(level.token, char)
  }
}

interface Level {
  /** `blank`: nothing but blanks yet; `plain`: no JSON. */
  kind: 'blank' | 'json' | 'plain'
  isInString: boolean
  isEscape: boolean
  /** Of `\u`, as far as it is there. */
  hex: string | null
  nesting: number
  /** The last character that matters; `v`: a value was whole. */
  last: string
  /** A number or word that has begun. */
  token: string
}

const newLevel = (): Level => ({
  kind: 'blank',
  isInString: false,
  isEscape: false,
  hex: null,
  nesting: 0,
  last: '[',
  token: '',
})

/** Deeper than this a string is a string. */
const maxDepth = 4

const telling = /["\\]/g

const isAtRest = (level: Level): boolean => !level.isEscape && level.hex === null

const isBlank = (char: string): boolean => char === ' ' || char === '\n' || char === '\r' || char === '\t'

function endToken(level: Level): void {
  if (level.token === '') return
  level.token = ''
  level.last = 'v'
}

function isToken(token: string, char: string): boolean {
  if (/^[-\d]/.test(token)) return /[-+.\deE]/.test(char)
  return ['true', 'false', 'null'].some((word) => word.startsWith(token))
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** Line separators of Unicode end a line for some readers of JSON. */
function escapeJson(json: string): string {
  return json.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`)
}

/** A string as JSON. */
export const jsonString = (value: string): string => escapeJson(JSON.stringify(value))
