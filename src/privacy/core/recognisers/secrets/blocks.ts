import type { Found, Place, Recogniser } from '../../words.ts'

/** The longest key that is read, from its first line to its last. */
const mostBlock = 64 * 1024

/** PEM, OpenSSH and PGP: from BEGIN to END; a block that was cut off ends with its last line. */
const pem: Recogniser = {
  id: 'secret.key.pem',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['-----begin '] },
  match: ({ view: { text }, start }: Place): Found | null => {
    header.lastIndex = start
    if (!header.test(text)) return null
    const bodyAt = header.lastIndex
    // The next dashes are those of this block's end: another beginning means that this one was cut off.
    const dashes = text.slice(bodyAt, bodyAt + mostBlock).indexOf('-----')
    const isWhole = dashes >= 0 && /^-----END /i.test(text.slice(bodyAt + dashes, bodyAt + dashes + 9))
    const body = isWhole ? text.slice(bodyAt, bodyAt + dashes) : linesOf(text, bodyAt)
    const material = body
      .slice(0, 2048)
      .replace(armour, '')
      .replace(/\\[nr]|[\s"'+,>|`]/g, '')
    if (!/^[A-Za-z0-9+/=*]{24,}/.test(material) || /^(.)\1+$/.test(material.slice(0, 24))) return null
    footer.lastIndex = bodyAt + body.length
    const end = isWhole && footer.test(text) ? footer.lastIndex : bodyAt + body.length
    const isValidated = /^(?:MI|MH|MC|MG|b3BlbnNzaC1rZXktdjE|lQ|lI|lF|xc|xV)/.test(material)
    return { start, end, score: isValidated ? 1 : 0.95, isValidated, canonical: text.slice(start, end) }
  },
}

const header = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/iy
const footer = /-----END [A-Z0-9 ]{0,48}-----/iy
/** `Proc-Type: 4,ENCRYPTED`, `DEK-Info: …`, `Version: GnuPG v2` */
const armour = /(?:^|\\n|\n)[A-Za-z-]{3,20}: [^\n\\]{0,80}(?=\\n|\n)/g
const bodyLine = /(?:\\[nr]|[\s"'+,>|`]){0,16}[A-Za-z0-9+/=]{1,128}/y

/** As far as lines of base64 go. */
function linesOf(text: string, from: number): string {
  let end = from
  while (end - from < mostBlock) {
    bodyLine.lastIndex = end
    const line = bodyLine.exec(text)?.[0]
    if (line === undefined || (end > from && line.trim().length < 16)) break
    end = bodyLine.lastIndex
  }
  return text.slice(from, end)
}

/** PuTTY's own file: the lines of the private half. */
const putty: Recogniser = {
  id: 'secret.key.putty',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['private-lines:'] },
  match: ({ view: { text }, end }: Place): Found | null => {
    count.lastIndex = end
    const lines = Number(count.exec(text)?.[1] ?? 0)
    if (lines < 1 || lines > 200) return null
    const start = count.lastIndex
    const body = linesOf(text, start).split('\n').slice(0, lines).join('\n')
    if (!/^[A-Za-z0-9+/=]{16,}/.test(body)) return null
    return { start, end: start + body.length, score: 1, isValidated: true, canonical: body }
  },
}

const count = /[ \t]{0,4}(\d{1,3})\r?\n/y

/** The twelve to twenty-four words of a wallet, where somebody says that they are. */
const mnemonic: Recogniser = {
  id: 'secret.key.mnemonic',
  type: 'SECRET',
  trigger: {
    kind: 'literal',
    literals: ['seed phrase', 'mnemonic', 'recovery phrase', 'seed words', 'backup phrase', 'wiederherstellungsphrase'],
  },
  match: ({ view: { text }, end }: Place): Found | null => {
    phrase.lastIndex = 0
    const window = text.slice(end, end + 320)
    const hit = phrase.exec(window)
    const words = hit?.[1]
    if (hit === null || words === undefined) return null
    const start = end + hit.index + hit[0].length - words.length
    return { start, end: start + words.length, score: 0.85, isValidated: false, canonical: words }
  },
}

/** Nothing but words of three to eight letters, and as many as a wallet has. */
const phrase = /^[^\n:="]{0,40}[:="][ \t\n"'`]{0,4}((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})(?![a-z])/g

export const blockRecognisers: readonly Recogniser[] = [pem, putty, mnemonic]
