import { join } from 'node:path'
import { commands } from './commands/index.ts'
import type { Call } from './command.ts'
import { connect } from './connect.ts'
import { homeOf, readEnvironment } from './env.ts'
import { exitCodes, tell } from './failures.ts'
import type { ExitCode } from './failures.ts'
import { renderHelp, renderOverview } from './help.ts'
import { createInterrupts } from './interrupts.ts'
import { parseCommandLine } from './parse.ts'
import type { Parsed } from './parse.ts'
import { createTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const root = join(import.meta.dirname, '..')

async function main(argv: readonly string[]): Promise<ExitCode> {
  const environment = readEnvironment()
  const hasColour = environment.hasColour && !argv.includes('--no-color')
  const terminal = createTerminal({
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    hasColour,
    interrupts: createInterrupts(),
  })
  let isJson = argv.includes('--json')
  try {
    const parsed = parseCommandLine(argv[0] === '--version' ? ['version', ...argv.slice(1)] : argv, commands)
    isJson = parsed.flags.has('json')
    const run = parsed.command?.run
    if (parsed.flags.has('help') || !run) return showHelp(parsed, terminal)
    const home = parsed.flags.text('home')
    const call: Call = {
      ...parsed,
      terminal,
      environment,
      isJson,
      home: home === null ? environment.home : homeOf(home),
      root,
      commands,
      hearth: () => connect(parsed.flags, environment),
    }
    return await run(call)
  } catch (thrown) {
    const told = tell(thrown)
    if (isJson) terminal.note(JSON.stringify({ error: told }))
    else {
      terminal.note(`hearth: ${told.message}`)
      if (told.hint !== null) terminal.note(told.hint)
    }
    return told.exitCode
  } finally {
    terminal.transient(null)
  }
}

/** Asked for, a help is the answer; shown because something was missing, it is a remark and a usage failure. */
function showHelp({ command, path, flags }: Parsed, terminal: Terminal): ExitCode {
  const text = command === null ? renderOverview(commands) : renderHelp(command, path)
  if (flags.has('help')) terminal.out(text)
  else terminal.note(text)
  return flags.has('help') ? exitCodes.ok : exitCodes.usage
}

/** A reader that has seen enough (`hearth events | head`) is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure)
})

const code = await main(process.argv.slice(2))
await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()))
process.exit(code)
