/** The whole house in a process of its own, to which every name in the world leads to this machine. */
import { readEnvironment } from '../../src/config/env.ts'
import { openHouse } from '../../src/compose.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'

const house = await openHouse({
  environment: readEnvironment(),
  configFile: null,
  log: silentLogger,
  resolve: async () => ['127.0.0.1'],
})
process.stdout.write(`Hearth listens on ${house.address}\n`)
process.on('SIGTERM', () => void house[Symbol.asyncDispose]().then(() => process.exit(0)))
