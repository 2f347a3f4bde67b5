import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatBody } from '../env/gateway-house.ts'
import type { ErrorBody } from '../env/gateway-house.ts'
import { startHouse } from '../env/house.ts'
import type { House } from '../env/house.ts'

let house: House
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-test-models-'))
  await writeFile(join(folder, 'noise.gguf'), Buffer.alloc(100_000, 7))
  await writeFile(join(folder, 'empty.gguf'), '')
  await writeFile(
    join(folder, 'cut.gguf'),
    Buffer.concat([Buffer.from('GGUF'), Buffer.from([3, 0, 0, 0]), Buffer.alloc(16, 1)]),
  )
  const models = ['noise', 'empty', 'cut'].map(
    (name) => `
  - id: ${name}
    engine: llama
    file: ${join(folder, `${name}.gguf`)}`,
  )
  const crashing = `
  - id: crashing
    cmd: [sh, -c, "echo out of luck >&2; exit 3"]`
  house = await startHouse({ config: `models:${models.join('')}${crashing}\n` })
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

describe('a model whose file or program is bad', () => {
  test.each(['noise', 'empty', 'cut', 'crashing'])(
    '%s is failed with a reason, and the server lives on',
    async (model) => {
      const response = await house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ model }) })
      expect([model, response.status]).toEqual([model, 503])
      const { error } = (await response.json()) as ErrorBody
      expect(error.message).toContain(model)
      const view = await house.get<{ state: string; failure: string | null }>(`/api/models/${model}`)
      expect(view.state).toBe('failed')
      expect(view.failure?.length).toBeGreaterThan(5)
      expect((await house.ask('/health')).status).toBe(200)
    },
    60_000,
  )
})

test('a model whose file is not there is a problem of the configuration, told at the start', async () => {
  const config = 'models:\n  - id: absent\n    engine: llama\n    file: ./absent.gguf\n'
  const failure: unknown = await startHouse({ config }).catch((error: unknown) => error)
  expect(String(failure)).toContain('absent.gguf')
  expect(String(failure)).toContain('line 4')
}, 30_000)
