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
  const url = flags.text('url') ?? (home === null ? environment.url : null)
  const key = flags.text('key') ?? environment.key
  const credentials = key === null ? {} : { key }
  if (url === null) return new Hearth({ socket: socketOf(home === null ? environment.home : homeOf(home)) })
  return new Hearth({ url: checkedUrl(url), userAgent: 'hearth-cli', ...credentials })
}

export const socketOf = (home: string): string => join(home, 'hearth.sock')

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return text
  throw usageError(
    `"${text}" is no URL of a house: it must begin with http:// or https://, like http://127.0.0.1:9999.`,
  )
}
