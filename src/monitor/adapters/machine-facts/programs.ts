import { startChild } from '#platform/process/child.ts'

export interface ProgramAnswer {
  readonly code: number | null
  readonly out: string
  /** This adapter does not tell stdout and stderr apart; kept for messages of programs that fail. */
  readonly err: string
}

/** Asks a program that only reads; null = it is not there. */
export type Ask = (argv: readonly string[]) => Promise<ProgramAnswer | null>

/** A hanging driver tool must not hang the doctor. */
const answerMs = 5_000
const graceMs = 500
const maxLines = 1000
const markName = 'HEARTH_DOCTOR'

export function createAsker(environment: Readonly<Record<string, string>>): Ask {
  let asked = 0
  return async (argv) => {
    const [program = ''] = argv
    const path = Bun.which(program, { PATH: environment['PATH'] ?? '' })
    if (path === null) return null
    const lines: string[] = []
    const env = { ...environment, LC_ALL: 'C', [markName]: `${process.pid}-${++asked}` }
    try {
      const child = startChild({
        argv: [path, ...argv.slice(1)],
        env,
        cwd: '/',
        markName,
        onLine: (line) => void (lines.length < maxLines && lines.push(line)),
      })
      const timer = setTimeout(() => void child.stop(graceMs), answerMs)
      const { code, signal } = await child.exited
      clearTimeout(timer)
      const out = lines.join('\n')
      return { code, out, err: signal === null ? out : `it did not answer within ${answerMs / 1000} s` }
    } catch {
      return null
    }
  }
}
