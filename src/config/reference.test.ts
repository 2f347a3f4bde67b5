import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'
import { configJsonSchema, configReference } from './reference.ts'

const root = `${import.meta.dir}/../..`

test('the pages about settings are those of the schema (else run: bun tools/generate-config-docs.ts)', async () => {
  const folder = `${root}/docs/reference`
  expect(await Bun.file(`${folder}/config.schema.json`).text()).toBe(configJsonSchema())
  expect(await Bun.file(`${folder}/config.md`).text()).toBe(configReference())
})

test('the example is a configuration that Hearth takes', async () => {
  const path = `${root}/config.example.yaml`
  const loaded = loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', OFFICE_KEY: 'a', VENDOR_KEY: 'b', ANTHROPIC_API_KEY: 'x' }),
    file: { path, content: await Bun.file(path).text() },
    overlay: {},
  })
  expect(loaded.ok ? [] : loaded.problems).toEqual([])
})

test('every setting is explained', () => {
  for (const line of configReference().split('\n')) {
    if (!line.startsWith('| `') || line.startsWith('| `lora') || line.startsWith('| `HEARTH')) continue
    expect(line).not.toMatch(/\| +\|$/)
  }
})
