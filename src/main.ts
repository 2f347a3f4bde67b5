import { messageOf } from '#kernel/errors.ts'
import { environmentToStartWith, readEnvironment } from '#config/env.ts'
import { doctor } from './compose/doctor.ts'
import { serve } from './compose/serve.ts'

const usage = 'usage: main.ts serve [--config FILE] | doctor [--json] [--no-token]\n'

/** Begins again in place (same pid) with the settings that the runtime reads only at its start. */
const again = environmentToStartWith()
if (again && process.execve)
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], again)

const [command, ...rest] = process.argv.slice(2)
try {
  if (command === 'serve') await serve(readEnvironment(), rest)
  else if (command === 'doctor') process.exitCode = await doctor(readEnvironment(), rest)
  else throw new Error(usage)
} catch (error) {
  process.stderr.write(`${messageOf(error).trimEnd()}\n`)
  process.exit(1)
}
