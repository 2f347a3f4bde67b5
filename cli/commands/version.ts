import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'

export const versionCommand: Command = {
  name: 'version',
  summary: 'tell which Hearth this checkout is',
  details: '"hearth status" tells which one is running.',
  run: version,
}

async function version(call: Call): Promise<ExitCode> {
  const manifest = JSON.parse(readFileSync(join(call.root, 'package.json'), 'utf8')) as { readonly version: string }
  const value = { hearth: manifest.version, bun: Bun.version }
  return answer(call, value, () => `hearth ${value.hearth} (bun ${value.bun})`)
}
