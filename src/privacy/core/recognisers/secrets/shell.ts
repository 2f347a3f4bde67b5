import { reach, type Found, type Place, type Recogniser } from '../../words.ts'
import { isStandIn } from './randomness.ts'

/** A name and a password joined by a colon, behind `-u` of curl and its kind. */
const userOption: Recogniser = {
  id: 'secret.shell.user',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: [' -u', '--user', '--proxy-user'] },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    if (!/(?:curl|wget|http|xh)\b[^\n]*$/i.test(text.slice(Math.max(0, start - reach), start))) return null
    pair.lastIndex = end
    const hit = pair.exec(text)
    return found(hit?.[2], pair.lastIndex)
  },
}

const pair = /(?:=|[ \t]{0,4})(?:(?=["'])["'])?([^\s"':]{0,64}):((?!\/\/)[^\s"'`]{2,128})/y

/** Programs that take their password behind a letter. */
const shortFlag: Recogniser = {
  id: 'secret.shell.flag',
  type: 'SECRET',
  trigger: {
    kind: 'literal',
    literals: [
      'mysql',
      'mariadb',
      'sshpass',
      'docker login',
      'podman login',
      'helm registry login',
      'redis-cli',
      'ldap',
    ],
  },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    if (/\w/.test(text.charAt(start - 1))) return null
    const line = /^[^\n|;]*/.exec(text.slice(end, end + reach))?.[0] ?? ''
    const flag = flags.find((each) => each.program.test(text.slice(start, end)))?.value ?? joinedFlag
    const hit = flag.exec(line)
    const value = hit?.[1]
    if (hit === null || value === undefined) return null
    return found(value, end + hit.index + hit[0].length)
  },
}

/** `mysql -p db` asks for the password, `mysql -psecret` has it. */
const joinedFlag = / -p["']?([^\s"'`-][^\s"'`]{2,127})/
const flags = [
  { program: /^(?:sshpass|.* login)$/i, value: / -p ?["']?([^\s"'`-][^\s"'`]{2,127})/ },
  { program: /^redis/i, value: / -a ["']?([^\s"'`-][^\s"'`]{2,127})/ },
  { program: /^ldap/i, value: / -w ["']?([^\s"'`-][^\s"'`]{2,127})/ },
]

function found(value: string | undefined, end: number): Found | null {
  if (value === undefined || isStandIn(value) || /^\d{1,5}(?::\d{1,5})?$/.test(value)) return null
  return { start: end - value.length, end, score: 0.8, isValidated: false, canonical: value }
}

/** What a code on the wall says: the member `P` of `WIFI:S:…;T:WPA;P:…;;`. */
const wifi: Recogniser = {
  id: 'secret.wifi.code',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['wifi:'] },
  match: ({ view: { text }, end }: Place): Found | null => {
    const code = /^[^\n]*/.exec(text.slice(end, end + reach))?.[0] ?? ''
    for (let at = 0; at < code.length; at = memberEnd(code, at) + 1)
      if (code.startsWith('P:', at)) return found(code.slice(at + 2, memberEnd(code, at)), end + memberEnd(code, at))
    return null
  },
}

/** The next `;` that is not escaped, or the end. */
function memberEnd(code: string, from: number): number {
  let at = from
  while (at < code.length && code.charAt(at) !== ';') at += code.charAt(at) === '\\' ? 2 : 1
  return Math.min(at, code.length)
}

/** `CREATE USER … IDENTIFIED BY '…'`. */
const identifiedBy: Recogniser = {
  id: 'secret.sql.password',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['identified by '] },
  match: ({ view: { text }, end }: Place): Found | null => {
    quoted.lastIndex = end
    return found(quoted.exec(text)?.[1], quoted.lastIndex - 1)
  },
}

const quoted = /(?:password )?["']([^"'\n]{3,128})["']/iy

/** Numbers that open something: of a card or a telephone, of the back of a card, for one time. */
const pin: Recogniser = {
  id: 'secret.generic.pin',
  type: 'SECRET',
  trigger: {
    kind: 'literal',
    literals: [
      ...[
        'pin:',
        'pin=',
        'pin is',
        'pin ist',
        'pin lautet',
        'pin code',
        'pin-code',
        'puk',
        'cvv',
        'cvc',
        'otp',
        'tan:',
      ],
      ...['verification code', 'security code', 'one-time code', 'passcode', 'code pin', 'confirmation code'],
    ],
  },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    if (/[A-Za-z]/.test(text.charAt(start - 1))) return null
    number.lastIndex = end
    const value = number.exec(text)?.[1]
    if (value === undefined) return null
    const at = number.lastIndex
    return { start: at - value.length, end: at, score: 0.7, isValidated: false, canonical: value }
  },
}

const number = /(?: (?:is|ist|lautet|est|es|code|2?)){0,2}[:=]?[ \t]{0,3}["']?(\d{3,8})(?![\w.,:/-]\w)/iy

export const shellRecognisers: readonly Recogniser[] = [userOption, shortFlag, wifi, identifiedBy, pin]
