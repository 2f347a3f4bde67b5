import { resolve } from 'node:path'
import type { Call } from '../command.ts'
import { serverArguments } from '../commands/serve.ts'
import { readProgram } from '../programs.ts'
import type { Finding } from './report.ts'

/** A token through the smoke model may have to install and start an engine first. */
const machineMs = 10 * 60_000

/**
 * The checks of this machine are the server's own program: only it knows its settings and engines. No house has to
 * run.
 */
export async function askMachine(call: Call): Promise<readonly Finding[]> {
  const config = call.flags.text('config')
  const argv = [
    ...serverArguments(call.root),
    'doctor',
    '--json',
    ...(call.flags.has('no-token') ? ['--no-token'] : []),
  ]
  const env = {
    ...call.environment.all,
    HEARTH_HOME: call.home,
    ...(config === null ? {} : { HEARTH_CONFIG: resolve(config) }),
  }
  call.terminal.transient('Looking at this machine …')
  const { out, err } = await readProgram({ argv, env, timeoutMs: machineMs })
  call.terminal.transient(null)
  return readFindings(out) ?? [broken(err)]
}

function readFindings(text: string): readonly Finding[] | null {
  try {
    const value = JSON.parse(text) as { readonly findings?: unknown }
    return Array.isArray(value.findings) ? (value.findings as readonly Finding[]) : null
  } catch {
    return null
  }
}

function broken(err: string): Finding {
  const excerpt = err.trim().split('\n').slice(-3).join(' ').slice(0, 500)
  return {
    name: 'checks of this machine',
    state: 'fail',
    found: `The server’s program could not run its checks${excerpt === '' ? '.' : `: ${excerpt}`}`,
    advice: 'Run "npm ci" in the checkout again; if that does not help, it is a fault of Hearth.',
  }
}
