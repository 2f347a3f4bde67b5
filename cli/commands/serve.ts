import { join, resolve } from 'node:path'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'run the house on this machine, in the foreground',
  details: 'SIGTERM and Ctrl-C let running answers end first; a second one, at least a second later, does not wait.',
  options: [
    { name: 'config', kind: 'text', value: 'FILE', summary: 'read this file instead of hearth.yaml in HEARTH_HOME' },
  ],
  examples: ['hearth serve', 'hearth serve --config ./hearth.yaml', 'HEARTH_PORT=8080 hearth serve'],
  run: serve,
}

async function serve(call: Call): Promise<ExitCode> {
  const config = call.flags.text('config')
  const argv = [...serverArguments(call.root), 'serve', ...(config === null ? [] : ['--config', resolve(config)])]
  return becomeOrRun({ argv, env: { ...call.environment.all, HEARTH_HOME: call.home } })
}

/** How the server's program is started, here and by `npm start`; the reasons stand in docs/decisions. */
export const serverArguments = (root: string): readonly string[] => [
  process.execPath,
  '--no-orphans',
  '--no-env-file',
  '--no-install',
  join(root, 'src', 'main.ts'),
]

/**
 * Becomes the server where the system can: same pid, so that a supervisor's signals reach it. Elsewhere the server is a child
 * that gets every signal.
 */
async function becomeOrRun(options: {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}): Promise<ExitCode> {
  const [file = '', ...rest] = options.argv
  if (process.platform !== 'win32' && typeof process.execve === 'function') {
    process.execve(file, [file, ...rest], { ...options.env })
  }
  const child = Bun.spawn([file, ...rest], { env: { ...options.env }, stdio: ['inherit', 'inherit', 'inherit'] })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  return (await child.exited) as ExitCode
}
