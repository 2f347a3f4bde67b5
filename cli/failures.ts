import { HearthError } from '../sdk/typescript/index.ts'

/** What the process ends with; documented in docs/guides/cli.md. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  notFound: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A failure that the command line tells in its own words. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  readonly code: string
  /** What to do next, on a line of its own. */
  readonly hint: string | null

  constructor(exitCode: ExitCode, message: string, facts: { readonly code?: string; readonly hint?: string } = {}) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.code = facts.code ?? 'failure'
    this.hint = facts.hint ?? null
  }
}

export const usageError = (message: string, hint?: string): CliError =>
  new CliError(exitCodes.usage, message, { code: 'usage', ...(hint === undefined ? {} : { hint }) })

/** What a failure looks like to a person and to a script. */
export interface Told {
  readonly exitCode: ExitCode
  readonly code: string
  readonly status: number | null
  readonly message: string
  readonly hint: string | null
}

export function tell(thrown: unknown): Told {
  if (thrown instanceof CliError) {
    return { exitCode: thrown.exitCode, code: thrown.code, status: null, message: thrown.message, hint: thrown.hint }
  }
  if (thrown instanceof HearthError) {
    return {
      exitCode: exitCodeOf(thrown),
      code: thrown.code,
      status: thrown.status === 0 ? null : thrown.status,
      message: thrown.message,
      hint: hintFor(thrown),
    }
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return { exitCode: exitCodes.failure, code: 'fault', status: null, message, hint: null }
}

function exitCodeOf(error: HearthError): ExitCode {
  if (error.code === 'unreachable')
    return error.details['cause'] === 'EACCES' ? exitCodes.refused : exitCodes.unreachable
  if (error.code === 'timeout') return exitCodes.unreachable
  if (error.code === 'aborted') return exitCodes.interrupted
  if (error.status === 401 || error.status === 403) return exitCodes.refused
  if (error.status === 404) return exitCodes.notFound
  return exitCodes.failure
}

function hintFor(error: HearthError): string | null {
  if (error.code === 'unreachable') {
    if (error.details['cause'] === 'EACCES')
      return 'The socket belongs to another user: run this as the user who runs Hearth.'
    if (/CERT|SELF_SIGNED|VERIFY|ALTNAME/.test(String(error.details['cause'])))
      return 'Its certificate is not trusted here: see "hearth tls" on its machine, and set NODE_EXTRA_CA_CERTS=ca.crt.'
    return 'Start it with "hearth serve", or name another house with --url or --home.'
  }
  if (error.status === 401)
    return 'Give a key with --key or HEARTH_API_KEY; "hearth keys create" makes one on the house’s machine.'
  if (error.retryAfterMs !== null) return `Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`
  return null
}
