/** The agents that people use, unmodified, through the real program: a turn that runs a command and tells of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasAgents, installAgent, runClaude, runCodex, type AgentRun } from '../env/agent-clis.ts'
import { startHouse, type House } from '../env/house.ts'
import { startScriptedChat } from '../fakes/scripted-chat.ts'
import { startScriptedMessages } from '../fakes/scripted-messages.ts'
import type { ScriptedUpstream } from '../fakes/scripted-turn.ts'

const script = { command: 'printf hearth-%s forty-two > note.txt && cat note.txt' }
const installMs = 900_000
const runMs = 180_000

describe.skipIf(!hasAgents)('with HEARTH_TEST_SYSTEM=1:', () => {
  let house: House
  let chat: ScriptedUpstream
  let anthropic: ScriptedUpstream
  let folder: string

  beforeAll(async () => {
    await installAgent('claude')
    await installAgent('codex')
    chat = startScriptedChat(script)
    anthropic = startScriptedMessages(script)
    house = await startHouse({
      config: `
upstreams:
  - { name: office, baseUrl: "${chat.url}", apiKey: "${chat.key}", locality: lan }
  - { name: vendor, kind: anthropic, baseUrl: "${anthropic.url}", apiKey: "${anthropic.key}", locality: lan }
`,
    })
    folder = await mkdtemp(join(tmpdir(), 'hearth-test-work-'))
  }, installMs)

  afterAll(async () => {
    await house?.[Symbol.asyncDispose]()
    await chat?.[Symbol.asyncDispose]()
    await anthropic?.[Symbol.asyncDispose]()
    if (folder) await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const errand = (model: string) => ({
    url: house.url,
    key: house.adminKey,
    model,
    prompt: 'Write the note and read it back.',
    folder,
  })

  async function expectDone(run: AgentRun, upstream: ScriptedUpstream): Promise<void> {
    expect(upstream.refusals).toEqual([])
    expect(run.stdout, run.stderr).toContain('It says: ')
    expect(run.stdout).toContain('hearth-forty-two')
    expect(run.code).toBe(0)
    expect(await Bun.file(join(folder, 'note.txt')).text()).toBe('hearth-forty-two')
    await Bun.file(join(folder, 'note.txt')).delete()
  }

  test(
    'Claude Code works with a model that speaks the chat dialect',
    async () => {
      await expectDone(await runClaude(errand('office/scripted')), chat)
      const text = JSON.stringify(chat.requests.map(({ body }) => body))
      expect(text).not.toContain('x-anthropic-billing-header')
      expect(text).not.toContain('DeferredToolPlaceholder')
    },
    runMs,
  )

  test(
    'Claude Code works with a model of Anthropic, whose key it never sees',
    async () => {
      await expectDone(await runClaude(errand('vendor/claude-scripted')), anthropic)
      const { headers, body } = anthropic.requests[0]!
      expect(headers.get('anthropic-beta')).toContain('claude-code-')
      expect(body).toHaveProperty('context_management')
    },
    runMs,
  )

  test(
    'Codex works with a model that speaks the chat dialect',
    async () => {
      await expectDone(await runCodex(errand('office/scripted')), chat)
    },
    runMs,
  )

  test(
    'Codex works with a model of Anthropic',
    async () => {
      await expectDone(await runCodex(errand('vendor/claude-scripted')), anthropic)
    },
    runMs,
  )
})
