import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Environment } from '#config/env.ts'
import { createLogger, type LogLevel } from '#platform/log/logger.ts'
import { systemClock } from '#platform/clock.ts'
import { openHouse, type House } from '../compose.ts'

/** A second signal this long after the first ends at once; Ctrl-C through npm arrives twice within milliseconds. */
const forceAfterMs = 1000

/** `serve`: opens the house, tells where it is, and closes it on SIGTERM or SIGINT. */
export async function serve(environment: Environment, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } })
  const configFile = values.config ? absolute(values.config) : environment.configFile
  const log = createLogger({
    level: (environment.logLevel as LogLevel | null) ?? 'info',
    format: environment.logFormat === 'json' ? 'json' : 'lines',
    write: (line) => process.stderr.write(`${line}\n`),
    now: () => systemClock.now(),
  })
  process.on('unhandledRejection', (error) => log.error('a promise failed that nobody waited for', { error }))
  const house = await openHouse({ environment, configFile, log })
  await greet(house)
  await closing()
  process.stdout.write('Hearth is closing: running answers may finish.\n')
  await house[Symbol.asyncDispose]()
  process.exit(0)
}

const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(path))

async function greet(house: House): Promise<void> {
  const lines = [`Hearth listens on ${house.address}`, '']
  if (house.firstAdminKey !== null) {
    lines.push(
      `  Admin key   ${house.firstAdminKey}`,
      '              It is shown this once. `npx hearth admin reset` makes a new one.',
    )
  }
  lines.push(
    `  Sign in     ${await house.signInLink()}`,
    '              Good once, for ten minutes. `npx hearth open` makes another.',
  )
  if (house.tls !== null) {
    lines.push(`  HTTPS       ${house.tls.address}`, `              SHA-256 ${house.tls.fingerprint}`)
    if (house.tls.authorityFile !== null)
      lines.push(`              Devices trust it once they have ${house.tls.authorityFile}`)
  }
  lines.push(`  Home        ${house.home}`)
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

/** Resolves at the first signal; a later one ends the process at once. */
function closing(): Promise<void> {
  return new Promise((done) => {
    let firstAt: number | null = null
    const onSignal = (): void => {
      const now = systemClock.mono()
      if (firstAt === null) {
        firstAt = now
        done()
      } else if (now - firstAt > forceAfterMs) process.exit(1)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
