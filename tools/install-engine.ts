/**
 * Installs an embedded engine: `bun tools/install-engine.ts llama <folder>` puts it into `<folder>/llama`. Quick
 * when it is there already; several at once wait for one another.
 */
import { join, resolve } from 'node:path'
import { createNpmEngineInstaller, readMachineFacts } from '#fleet/adapters/npm-engine-installer.ts'
import { messageOf } from '#kernel/errors.ts'
import { systemClock } from '#platform/clock.ts'

const [name, folder] = process.argv.slice(2)
if (name === undefined || folder === undefined) {
  console.error('Usage: bun tools/install-engine.ts <engine> <folder>')
  process.exit(2)
}
const installer = createNpmEngineInstaller({
  enginesDir: resolve(folder),
  sourceDir: join(import.meta.dir, '../engines'),
  environment: process.env,
  machine: readMachineFacts(),
  clock: systemClock,
})
let last = ''
try {
  await installer.install(
    name,
    (step) => {
      if (step.phase !== last) console.log(`${name}: ${step.phase} …`)
      last = step.phase
    },
    new AbortController().signal,
  )
} catch (thrown) {
  console.error(messageOf(thrown))
  process.exit(1)
}
