import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, readFile, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smokeModel } from '../core/gguf/smoke.ts'
import { createSmokeFiles } from './smoke-files.ts'

const modelsDir = await mkdtemp(join(tmpdir(), 'hearth-smoke-'))
afterAll(() => rm(modelsDir, { recursive: true, force: true }))

test('both models are written once, whole, however many ask, and a damaged one is repaired', async () => {
  const files = createSmokeFiles({ modelsDir })
  const [path, same, rank] = await Promise.all([files.ensure('chat'), files.ensure('chat'), files.ensure('rank')])
  expect(path).toBe(join(modelsDir, 'hearth', 'smoke.gguf'))
  expect(same).toBe(path)
  expect(rank).toBe(join(modelsDir, 'hearth', 'smoke-rank.gguf'))
  await truncate(path, 1000)
  await files.ensure('chat')
  expect((await readFile(path)).equals(smokeModel('chat'))).toBe(true)
  expect((await readdir(join(modelsDir, 'hearth'))).toSorted()).toEqual(['smoke-rank.gguf', 'smoke.gguf'])
})
