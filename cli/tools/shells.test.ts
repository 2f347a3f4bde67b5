import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codexSettings, reachable } from './settings.ts'
import type { ToolSettings } from './settings.ts'
import { shellLines } from './shells.ts'
import type { EvalShell } from './shells.ts'

const nasty = `it's $HOME \`id\` "\\ %s; é`
const settings: ToolSettings = {
  variables: { PLAIN: 'http://127.0.0.1:9999/v1', NASTY: nasty, SECRET: null },
  unset: ['OTHER'],
  command: { name: 'tool', args: ['-c', nasty] },
}

/** Holds a program `tool` that tells its arguments. */
const folder = mkdtempSync(join(tmpdir(), 'hearth-cli-shells-'))
writeFileSync(join(folder, 'tool'), `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a program sees that is started after the lines, and how it is called. */
async function seenIn(shell: string, lines: string): Promise<readonly string[]> {
  const show = `printf '%s\\n' "$PLAIN" "$NASTY" "$SECRET" "[$OTHER]"`
  const child = Bun.spawn([shell, '-c', `${lines}\n${show}\ntool more`], {
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      OTHER: 'x',
      HEARTH_API_KEY: 'hk-of-env',
    },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  expect(err).toBe('')
  return out.trimEnd().split('\n')
}

const installed = ['sh', 'bash', 'zsh', 'fish'].filter((shell) => Bun.which(shell) !== null)

describe.each(installed)('lines evaluated by %s', (name) => {
  const shell: EvalShell = name === 'fish' ? 'fish' : 'sh'

  test.each([
    ['hk-given', 'hk-given'],
    [null, 'hk-of-env'],
  ])('set every value as it is, with the key %p', async (key, secret) => {
    const seen = await seenIn(name, shellLines(settings, { shell, key }))
    expect(seen).toEqual(['http://127.0.0.1:9999/v1', nasty, secret, '[]', '-c', nasty, 'more'])
  })
})

test('no key stands in them but the one that was given', () => {
  const ask = { address: 'http://127.0.0.1:9999', model: null }
  expect(shellLines(codexSettings(ask), { shell: 'sh', key: null })).not.toContain('export')
  expect(shellLines(codexSettings(ask), { shell: 'sh', key: 'hk-1' })).toStartWith('export HEARTH_API_KEY=hk-1\n')
  expect(shellLines(codexSettings(ask), { shell: 'fish', key: 'hk-1' })).toStartWith('set -gx HEARTH_API_KEY hk-1\n')
})

test('what Codex is told is TOML', () => {
  const model = { id: 'a "b" \\c', context: 4096 }
  const { command } = codexSettings({ address: 'http://[::1]:9999', model })
  const values = (command?.args ?? []).filter((arg) => arg !== '-c')
  expect(Bun.TOML.parse(values.join('\n'))).toEqual({
    model_provider: 'hearth',
    model_providers: {
      hearth: { name: 'Hearth', base_url: 'http://[::1]:9999/v1', env_key: 'HEARTH_API_KEY', wire_api: 'responses' },
    },
    model: 'a "b" \\c',
    model_context_window: 4096,
  })
})

test.each([
  ['http://0.0.0.0:9999', 'http://127.0.0.1:9999'],
  ['http://[::]:9999', 'http://[::1]:9999'],
  ['http://192.168.1.5:80', 'http://192.168.1.5:80'],
])('a house at %s is called at %s', (address, called) => {
  expect(reachable(address)).toBe(called)
})
