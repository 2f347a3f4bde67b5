import { expect, test } from 'bun:test'
import { fakeAdminKey, startFakeHouse } from '../../test/fakes/house.ts'
import { runCli } from '../../test/fakes/cli-process.ts'
import type { Finding } from './report.ts'

test('a running house is asked for status, upstreams, events and a token', async () => {
  await using house = startFakeHouse({ port: 0 })
  const { code, out } = await runCli(['doctor', '--live', '--json', '--url', house.url, '--key', fakeAdminKey])
  const { findings, summary } = JSON.parse(out) as { findings: Finding[]; summary: Record<string, number> }
  expect(findings.map(({ name, state }) => `${state} ${name}`)).toEqual([
    'ok house answers',
    'ok house is ready',
    'ok house status',
    'warn house warning',
    'ok upstream office-vllm',
    'fail upstream attic',
    'ok event stream',
    'ok a token',
  ])
  expect(summary).toEqual({ ok: 6, warn: 1, fail: 1, skip: 0 })
  expect(code).toBe(1)
})

test('without a key the open checks pass and the others say what is missing', async () => {
  await using house = startFakeHouse({ port: 0 })
  const { out } = await runCli(['doctor', '--live', '--json', '--no-token', '--url', house.url])
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  expect(findings.map(({ name, state }) => `${state} ${name}`)).toEqual([
    'ok house answers',
    'ok house is ready',
    'fail house status',
    'fail event stream',
    'skip a token',
  ])
  expect(findings[2]?.advice).toContain('HEARTH_API_KEY')
})

test('what depends on a house that does not answer is left out', async () => {
  const { code, out } = await runCli(['doctor', '--live', '--json', '--url', 'http://127.0.0.1:1'])
  const { summary } = JSON.parse(out) as { summary: Record<string, number> }
  expect(code).toBe(1)
  expect(summary).toEqual({ ok: 0, warn: 0, fail: 1, skip: 4 })
})
