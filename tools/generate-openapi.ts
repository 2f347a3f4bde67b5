import { readFile, writeFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHouse } from '../src/compose.ts'
import { readEnvironment } from '../src/config/env.ts'
import { silentLogger } from '../src/platform/log/logger.ts'

/** Where the API document stands, checked in. */
export const openApiPath = join(import.meta.dir, '..', 'api', 'openapi.json')

/** The API document of the whole house, as `/openapi.json` serves it. */
export async function generateOpenApi(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'hearth-openapi-'))
  const environment = readEnvironment({ HEARTH_HOME: home, HEARTH_PORT: '0', HOME: home })
  const house = await openHouse({ environment, configFile: null, log: silentLogger })
  try {
    return `${JSON.stringify(house.openApi, null, 2)}\n`
  } finally {
    await house[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const document = await generateOpenApi()
  const before = await readFile(openApiPath, 'utf8').catch(() => '')
  await writeFile(openApiPath, document)
  process.stdout.write(before === document ? 'api/openapi.json is up to date\n' : 'api/openapi.json is written\n')
}
