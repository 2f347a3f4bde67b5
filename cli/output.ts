import type { Call } from './command.ts'
import { exitCodes } from './failures.ts'
import type { ExitCode } from './failures.ts'

/** Answers with one value: JSON for scripts, text for people. */
export function answer(call: Pick<Call, 'isJson' | 'terminal'>, value: unknown, text: () => string): ExitCode {
  call.terminal.out(call.isJson ? JSON.stringify(value, null, 2) : text())
  return exitCodes.ok
}

/** One JSON text on one line, for streams. */
export const jsonLine = (value: unknown): string => JSON.stringify(value)

/** `name   value` lines with the values in one column. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
