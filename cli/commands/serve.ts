import { join, resolve } from 'node:path'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { becomeProgram } from '../programs.ts'

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
  return (await becomeProgram({ argv, env: { ...call.environment.all, HEARTH_HOME: call.home } })) as ExitCode
}

/** How the server's program is started, here and by `npm start`; the reasons stand in docs/decisions. */
export const serverArguments = (root: string): readonly string[] => [
  process.execPath,
  '--no-orphans',
  '--no-env-file',
  '--no-install',
  join(root, 'src', 'main.ts'),
]
