import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { commands } from './commands/index.ts'
import { completionScript, shells } from './completion.ts'

const golden = (name: string): string => join(import.meta.dirname, 'golden', name)

/** Reads a golden file; `UPDATE_GOLDEN=1` writes it anew, and the diff is read by a person. */
async function expectGolden(name: string, text: string): Promise<void> {
  if (process.env['UPDATE_GOLDEN'] === '1') await Bun.write(golden(name), text)
  expect(text).toBe(await Bun.file(golden(name)).text())
}

/** What bash offers after these words; the last one is being written. */
async function offersOf(words: readonly string[]): Promise<readonly string[]> {
  const script = `source ${golden('completion.bash')}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    _hearth; printf '%s\\n' "\${COMPREPLY[@]}"`
  const child = Bun.spawn(['bash', '--norc', '-c', script], { env: {}, stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  expect(err).toBe('')
  return out.split('\n').filter((line) => line !== '')
}

describe('completion', () => {
  test.each([...shells])('the script for %s is the golden one', async (shell) => {
    await expectGolden(`completion.${shell}`, completionScript(shell, commands))
  })

  test.each([
    [['hearth', 'mo'], ['models']],
    [['hearth', 'models', 'lo'], ['load']],
    [['hearth', 'models', 'load', '--d'], ['--dry-run']],
    [['hearth', '--json', 'keys', 're'], ['revoke']],
    [
      ['hearth', 'usage', '--by', ''],
      ['key', 'user', 'team', 'model', 'upstream', 'tag', 'day'],
    ],
    [['hearth', 'keys', 'create', '--scope', 'mon'], ['monitor']],
    [['hearth', 'status', '--u'], ['--url']],
  ])('bash offers after %j', async (words, offers) => {
    expect(await offersOf(words)).toEqual(offers)
  })

  test.each(['zsh', 'fish'].filter((shell) => Bun.which(shell) !== null))('%s accepts its script', async (shell) => {
    const child = Bun.spawn([shell, '-n', golden(`completion.${shell}`)], { env: {}, stderr: 'pipe' })
    expect({ code: await child.exited, err: await child.stderr.text() }).toEqual({ code: 0, err: '' })
  })
})
