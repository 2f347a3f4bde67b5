import type { Hearth } from '../sdk/typescript/index.ts'
import type { CliEnvironment } from './env.ts'
import type { ExitCode } from './failures.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'

/** One command as data: the parser, the help, the completion scripts and the guide come from it. */
export interface Command {
  readonly name: string
  /** One line, as a help list shows it. */
  readonly summary: string
  /** Further sentences for its own help. */
  readonly details?: string
  readonly positionals?: readonly Positional[]
  /** What may follow `--`, for its help; absent = nothing may. */
  readonly rest?: string
  readonly options?: readonly Option[]
  readonly subcommands?: readonly Command[]
  readonly examples?: readonly string[]
  /** Absent: only its subcommands do something. */
  readonly run?: (call: Call) => Promise<ExitCode>
}

export interface Positional {
  readonly name: string
  readonly isOptional?: boolean
}

export interface Option {
  readonly name: string
  readonly short?: string
  readonly summary: string
  /** `flag`: no value. The others take one and are checked before the command runs. */
  readonly kind: 'flag' | 'text' | 'number' | 'list'
  /** Stands for the value in helps. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
}

/** What a command works with. */
export interface Call {
  readonly positionals: readonly string[]
  readonly rest: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  readonly environment: CliEnvironment
  readonly isJson: boolean
  /** HEARTH_HOME after `--home`. */
  readonly home: string
  /** The root of this checkout. */
  readonly root: string
  /** `hearth` as data, for help and completion. */
  readonly commands: readonly Command[]
  hearth(): Hearth
}

/** Options that every command takes. */
export const globalOptions: readonly Option[] = [
  { name: 'json', kind: 'flag', summary: 'answer in JSON; streams as one JSON text per line' },
  {
    name: 'url',
    kind: 'text',
    value: 'URL',
    summary: 'the house to talk to, instead of the one on this machine (HEARTH_URL)',
  },
  { name: 'key', kind: 'text', value: 'KEY', summary: 'the key to show there (HEARTH_API_KEY)' },
  {
    name: 'home',
    kind: 'text',
    value: 'FOLDER',
    summary: 'where the house on this machine lives (HEARTH_HOME, ~/.hearth)',
  },
  { name: 'no-color', kind: 'flag', summary: 'no colours (NO_COLOR)' },
  { name: 'help', short: 'h', kind: 'flag', summary: 'tell about a command' },
]
