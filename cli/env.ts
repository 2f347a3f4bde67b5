import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** The one place where the command line reads the environment. */
export interface CliEnvironment {
  readonly url: string | null
  readonly key: string | null
  readonly home: string
  readonly hasColour: boolean
  /** Where completion scripts and hints look for the person's shell. */
  readonly shell: string | null
  /** Passed on whole to the processes that the command line becomes or starts. */
  readonly all: Readonly<Record<string, string>>
}

export function readEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): CliEnvironment {
  const read = (name: string): string | null =>
    source[name] === undefined || source[name] === '' ? null : source[name]
  const all: Record<string, string> = {}
  for (const [name, value] of Object.entries(source)) if (value !== undefined) all[name] = value
  return {
    url: read('HEARTH_URL'),
    key: read('HEARTH_API_KEY'),
    home: homeOf(read('HEARTH_HOME')),
    // https://no-color.org: present and not empty
    hasColour: read('NO_COLOR') === null && read('TERM') !== 'dumb',
    shell: read('SHELL'),
    all,
  }
}

/** The folder that a person named, or `~/.hearth`. A leading `~` is the shell's, but not in files and services. */
export function homeOf(text: string | null): string {
  if (text === null) return resolve(homedir(), '.hearth')
  return text === '~' || text.startsWith('~/') ? resolve(homedir(), text.slice(2)) : resolve(text)
}
