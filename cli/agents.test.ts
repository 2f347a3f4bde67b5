/** What `hearth env` prints, evaluated by a real shell, for the real programs. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { hasAgents, installAgent } from '../test/env/agent-clis.ts'
import { startHouse } from '../test/env/house.ts'
import type { House } from '../test/env/house.ts'
import { argvOf, environmentOf } from '../test/fakes/cli-process.ts'
import { startScriptedChat } from '../test/fakes/scripted-chat.ts'
import type { ScriptedUpstream } from '../test/fakes/scripted-turn.ts'

const script = { command: 'printf hearth-%s forty-two > note.txt && cat note.txt' }
const installMs = 900_000
const runMs = 180_000

describe.skipIf(!hasAgents)('with HEARTH_TEST_SYSTEM=1:', () => {
  let house: House
  let chat: ScriptedUpstream
  let folder: string

  beforeAll(async () => {
    chat = startScriptedChat(script)
    const upstream = `{ name: office, baseUrl: "${chat.url}", apiKey: "${chat.key}", locality: lan }`
    house = await startHouse({ config: `upstreams: [${upstream}]` })
    folder = mkdtempSync(join(tmpdir(), 'hearth-cli-agents-'))
  }, installMs)

  afterAll(async () => {
    await house?.[Symbol.asyncDispose]()
    await chat?.[Symbol.asyncDispose]()
    if (folder) rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test.each([
    ['claude', 'claude -p --dangerously-skip-permissions "Write the note."'],
    ['codex', 'codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox "Write the note."'],
  ] as const)(
    '%s works with the house after one line in a shell',
    async (tool, command) => {
      const program = await installAgent(tool)
      const hearth = argvOf(['env', tool, '--model', 'office/scripted', '--shell', 'sh'])
      const line = `eval "$(${hearth.map((word) => `'${word}'`).join(' ')})"; ${command}`
      const child = Bun.spawn(['sh', '-c', line], {
        cwd: folder,
        env: environmentOf({
          PATH: `${dirname(program)}${delimiter}${process.env['PATH'] ?? ''}`,
          HOME: folder,
          CODEX_HOME: folder,
          CLAUDE_CONFIG_DIR: folder,
          // somebody else's, which must not get to the house
          ANTHROPIC_API_KEY: 'sk-ant-of-somebody',
          HEARTH_HOME: house.home,
          HEARTH_API_KEY: house.adminKey,
          IS_SANDBOX: '1',
        }),
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
        timeout: runMs,
      })
      const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
      expect(out, err).toContain('hearth-forty-two')
      expect(code).toBe(0)
      expect(chat.refusals).toEqual([])
      const note = Bun.file(join(folder, 'note.txt'))
      expect(await note.text()).toBe('hearth-forty-two')
      await note.delete()
    },
    installMs,
  )
})
