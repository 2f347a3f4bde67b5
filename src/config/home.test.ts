import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppError } from '#kernel/errors.ts'
import { prepareHome } from './home.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-home-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const refusal = (home: string) => prepareHome(home).catch((thrown: unknown) => thrown as AppError)

test('a home that is missing is made for its owner alone, and one that is there is taken', async () => {
  const home = join(folder, 'new', 'home')
  await prepareHome(home)
  expect(statSync(home).mode & 0o777).toBe(0o700)
  await prepareHome(home)
})

test('a file in the place of the home is a sentence with the path and what to do', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  for (const home of [file, join(file, 'below')]) {
    const thrown = await refusal(home)
    expect(thrown).toMatchObject({ kind: 'invalid', reason: 'home_unusable' })
    expect(String(thrown)).toContain(`${home}: there is a file in its place`)
    expect(String(thrown)).toContain('HEARTH_HOME')
  }
})

test('a place where nobody may write is told before anything else fails', async () => {
  const thrown = await refusal('/sys/hearth-test-home')
  expect(thrown).toMatchObject({ reason: 'home_unusable' })
  expect(String(thrown)).toMatch(/this user may not write there|that disk can only be read/)
})
