import { reach, type Found, type Place, type Recogniser } from '../../words.ts'
import { hasDigit, isStandIn } from './randomness.ts'

/** `scheme://name:password@host`: the password; `https://token@host`: the token. */
export const urlRecogniser: Recogniser = {
  id: 'secret.url.userinfo',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['://'] },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    const window = text.slice(end, end + reach)
    const authority = authorityIn(window, isDatabase(text.slice(Math.max(0, start - 24), start)))
    const at = authority.lastIndexOf('@')
    if (at <= 0) return null
    const colon = authority.indexOf(':')
    const from = colon >= 0 && colon < at ? colon + 1 : 0
    const secret = authority.slice(from, at)
    if (!isSecret(secret, from > 0)) return null
    return { start: end + from, end: end + at, score: from > 0 ? 0.95 : 0.85, isValidated: false, canonical: secret }
  },
}

/** Passwords of databases are often pasted with `/`, `#` and `?` in them as they are. */
function authorityIn(window: string, isForgiving: boolean): string {
  const whole = /^[^\s"'`<>\\]*/.exec(window)?.[0] ?? ''
  const strict = /^[^/?#,]*/.exec(whole)?.[0] ?? ''
  if (strict.includes('@') || !isForgiving || !strict.includes(':')) return strict
  const at = whole.lastIndexOf('@')
  return /^[^/]*:[^@]*$/.test(whole.slice(0, at)) ? whole.slice(0, at + 1) : strict
}

function isDatabase(before: string): boolean {
  return /(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|sqlserver|clickhouse|cockroachdb|jdbc|neo4j|ftps?|sftp|smtps?|ldaps?|mqtts?|nats|srv|asyncpg|psycopg2?|pymysql)$/i.test(
    before,
  )
}

const words = new Set(['password', 'passwd', 'pass', 'pwd', 'pw', 'secret', 'token', 'user', 'username', 'port'])

function isSecret(text: string, isPassword: boolean): boolean {
  if (text.length < 2 || isStandIn(text) || words.has(text.toLowerCase()) || /^[A-Z_]+$/.test(text)) return false
  return isPassword || (text.length >= 16 && hasDigit(text) && /^[\w%.~+-]+$/.test(text))
}
