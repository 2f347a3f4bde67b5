import type { Found, Place, Recogniser } from '../words.ts'
import { isAlphanumeric, isWordCode } from './edges.ts'
import { isInternalHost } from './host-names.ts'
import { isSomeonesName } from './user-names.ts'

const trigger = { kind: 'literal', literals: ['@'] } as const

/** `ssh ann@nas`, `scp a b ann@host:/x`, `ssh://ann@host`, `git@host:owner/name`. */
export const remoteLogins: readonly Recogniser[] = [
  { id: 'login.user', type: 'USERNAME', trigger, match: matchUser },
  { id: 'login.host', type: 'HOST', trigger, match: matchHost },
]

/** Whether what stands before an `@` logs in somewhere and receives no mail. `start`: where it begins. */
export function isRemoteLogin(lower: string, start: number, local: string): boolean {
  if (/^git$/i.test(local)) return true
  const before = lower.slice(Math.max(0, start - commandBack), start)
  if (!commands.test(before)) return false
  if (before.endsWith('ssh://') || before.endsWith('sftp://')) return true
  return /(?:^|[\s`"'(;&|$])(?:ssh|scp|sftp|rsync|mosh|autossh|ssh-copy-id)\s[^|;&\n]{0,90}$/.test(before)
}

function matchUser({ view, start: at }: Place): Found | null {
  if (!mayLogIn(view.lower, at)) return null
  const login = readLogin(view.text, at)
  if (login === null || !isRemoteLogin(view.lower, login.start, login.user)) return null
  if (!isSomeonesName(login.user)) return null
  return { start: login.start, end: at, score: 0.85, isValidated: false, canonical: login.user.toLowerCase() }
}

/** In a command of ssh every host is one of theirs; behind `git@` only one that the public does not know. */
function matchHost({ view, start: at }: Place): Found | null {
  if (!mayLogIn(view.lower, at)) return null
  const login = readLogin(view.text, at)
  if (login === null || !isRemoteLogin(view.lower, login.start, login.user)) return null
  const canonical = login.host.toLowerCase()
  if (login.user.toLowerCase() === 'git' ? !isInternalHost(canonical) : isEverybodys(canonical)) return null
  return { start: at + 1, end: at + 1 + login.host.length, score: 0.85, isValidated: false, canonical }
}

/** How far before a name the command may begin. */
const commandBack = 96
const commands = /s(?:sh|cp|ftp)|rsync|mosh/

/** Nearly every `@` is one of an address: no command stands before it, nor `git`. */
function mayLogIn(lower: string, at: number): boolean {
  return lower.endsWith('git', at) || commands.test(lower.slice(Math.max(0, at - longestUser - commandBack), at))
}

function readLogin(text: string, at: number) {
  // Most of what is read here is none: the units beside the sign say so at once.
  if (!isWordCode(text.charCodeAt(at - 1)) || !isWordCode(text.charCodeAt(at + 1))) return null
  const user = wordBefore(text, at) ?? userBefore.exec(text.slice(Math.max(0, at - longestUser), at))?.[0]
  const host = hostBehind.exec(text.slice(at + 1, at + 254))?.[0].replace(/[.-]+$/, '')
  return user === undefined || host === undefined ? null : { start: at - user.length, user, host }
}

const longestUser = 32
const userBefore = /[\p{L}\p{N}._-]{1,32}$/u
const hostBehind = /^[\p{L}\p{N}][\p{L}\p{N}.-]{0,252}/u

/** What `userBefore` finds where it is ASCII; null: there is none, or the pattern has to say. */
function wordBefore(text: string, at: number): string | null {
  let start = at
  while (start > 0 && at - start < longestUser && isUserCode(text.charCodeAt(start - 1))) start--
  const isEnd = at - start === longestUser || start === 0 || text.charCodeAt(start - 1) < 128
  return start < at && isEnd ? text.slice(start, at) : null
}

function isUserCode(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || code === 45 || code === 46
}

function isEverybodys(host: string): boolean {
  return /^(localhost|host|hostname|server|remote|ip|address|127\.|0\.0\.0\.0)|(^|\.)(example\.(com|org|net)|example|test|invalid)$/.test(
    host,
  )
}
