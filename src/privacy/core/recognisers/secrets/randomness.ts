/** Shannon's entropy of the characters, in bits for each. */
export function entropy(text: string): number {
  const counts = new Map<number, number>()
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Text that stands where a secret will stand: examples, blanks to fill, variables, what was taken out before. */
export function isStandIn(text: string): boolean {
  return standIns.test(text.length > mostRead ? text.slice(0, mostRead) : text) || isMonotonous(text)
}

/** What stands in for a secret says so at its beginning. */
const mostRead = 72

/** For tokens of vendors, in which a short word may stand by chance. */
export function isExampleToken(text: string): boolean {
  return exampleWords.test(text)
}

/** Two or three characters over and over: `xxxxxxxx`, `00000000`, `abababab`. */
export function isMonotonous(text: string): boolean {
  return text.length >= 8 && new Set(text.slice(0, 64)).size <= 3
}

/** Words joined by `-`, `_`, `.`, `:` or `/`, with small numbers among them: `my-token-1`, `gpt-4o-mini`, `v1.2`. */
export function isWordy(text: string): boolean {
  return text.split(wordBreaks).every((piece) => piece === '' || wordPiece.test(piece))
}

/** Letters only, with at most two digits at their end: a name in a program, or a word. */
export function isNameLike(text: string): boolean {
  return nameLike.test(text)
}

export function hasDigit(text: string): boolean {
  return /\d/.test(text)
}

export function hasLetter(text: string): boolean {
  return /[A-Za-z]/.test(text)
}

/** How many of lower case, upper case, digits and others it has. */
export function classesOf(text: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((each) => each.test(text)).length
}

const exampleWords =
  /example|xxxxx|placeholder|redacted|your[-_]?(?:api|key|token|secret)|12345678901234|abcdefghijklm/i
const standIns = new RegExp(
  [
    'example|placeholder|redacted|changeme|change[-_]me|xxxx|\\*{3}|\\.{3}|…|dummy|censored|masked|omitted',
    '^your|[-_ ]your[-_ ]|(?:^|[-_ ])here$|^<.*>?$|^\\[.*\\]$|^\\{|^\\$[({A-Za-z_]|^\\$\\d?$|\\{\\{|\\$\\{|#\\{|^%[\\w(]|^@|^![a-z_]+$',
    'process\\.env|environ|getenv|import\\.meta|^env[.:([]|^vars?\\.|^secrets?[.:]|^vault:|^ref\\+|^op://|^arn:|^data:',
    '^(?:null|none|nil|undefined|true|false|string|number|boolean|bytes|object|unknown|required|optional)$',
    '^[A-Z]{3,}_\\w{4}(?:_\\w{1,3})?$',
  ].join('|'),
  'i',
)
const wordBreaks = /[-_.:/ ]/
const wordPiece = /^(?:[A-Z]?[a-z]{1,24}\d{0,4}|[A-Z]{1,24}\d{0,4}|[vr]?\d{1,4}[a-z]{0,2})$/
const nameLike = /^[$_]{0,2}[A-Za-z]{1,48}\d{0,2}$/
