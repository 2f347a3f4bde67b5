import { join } from 'node:path'
import { Hearth } from '../sdk/typescript/index.ts'
import type { CliEnvironment } from './env.ts'
import { homeOf } from './env.ts'
import { usageError } from './failures.ts'
import type { Flags } from './flags.ts'

/**
 * The house that is meant: `--url`, then `--home`, then HEARTH_URL, then the socket in HEARTH_HOME. What a person
 * types wins over what a shell remembers.
 */
export function connect(flags: Flags, environment: CliEnvironment): Hearth {
  const home = flags.text('home')
  const url = urlOf(flags, environment)
  const key = flags.text('key') ?? environment.key
  const credentials = key === null ? {} : { key }
  if (url === null) return new Hearth({ socket: socketOf(home === null ? environment.home : homeOf(home)) })
  return new Hearth({ url: checkedUrl(url), userAgent: 'hearth-cli', ...credentials })
}

/** The address of a house that is reached over the network; null = the one on this machine, through its socket. */
export function urlOf(flags: Flags, environment: CliEnvironment): string | null {
  return flags.text('url') ?? (flags.text('home') === null ? environment.url : null)
}

export const socketOf = (home: string): string => join(home, 'hearth.sock')

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return text
  throw usageError(
    `"${text}" is no URL of a house: it must begin with http:// or https://, like http://127.0.0.1:9999.`,
  )
}
