import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

const shortestMs = 60_000
const longestMs = 24 * 3_600_000
const mostDays = 365

export function checkAuth({ auth }: Settings, report: Report): void {
  if (auth.refreshToken < 1 || auth.refreshToken > mostDays) {
    const range = `Write 1d to ${mostDays}d.`
    report(['auth', 'refreshToken'], (name) => `${name} is ${auth.refreshToken}d: no time that a sign-in lasts.`, range)
  }
  if (auth.accessToken >= shortestMs && auth.accessToken <= longestMs) return
  const what = auth.accessToken < shortestMs ? 'shorter than a minute' : 'longer than a day'
  const fix = 'Write a time from 1m to 24h; sign-ins last as long as auth.refreshToken says in any case.'
  report(['auth', 'accessToken'], (name) => `${name} is ${what}.`, fix)
}

/** What a person should hear about at every start. */
export function authWarnings({ auth }: Config): readonly string[] {
  if (auth.registration !== 'open') return []
  return ['auth.registration is open: whoever reaches this address makes an account and may use every model.']
}
