import { describe, expect, test, setDefaultTimeout } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smokeModel } from '#fleet/core/gguf/smoke.ts'
import { type GgufTensor, writeGguf } from '#protocol/gguf/writer.ts'
import { startEngine } from '../../test/env/llama-engine.ts'

// Real processes on a machine that may be busy with other tests.
setDefaultTimeout(60_000)

const small = ['--context', '512', '--parallel', '2', '--threads', '1']

test('listens before the model is there, and tells how far it is', async () => {
  await using engine = await startEngine({ args: small, isEarly: true })
  const first = await fetch(`${engine.url}/health`)
  expect(first.status).toBe(503)
  expect(await first.json()).toMatchObject({ status: 'loading model', progress: expect.any(Number) })
  const early = await engine.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] })
  expect([200, 503]).toContain(early.status)
  while ((await fetch(`${engine.url}/health`)).status !== 200) await Bun.sleep(10)
  expect(await (await fetch(`${engine.url}/health`)).json()).toEqual({ status: 'ok' })
})

describe('what cannot be started ends with code 1 and one line that says why', () => {
  const chat = smokeModel('chat')
  for (const [name, start, reason] of [
    ['a missing file', { model: '/nowhere/x.gguf' }, /^error: the model file \/nowhere\/x.gguf does not exist\n$/],
    [
      'a truncated file',
      { model: chat.subarray(0, 200_000) },
      /^error: the model file .* is truncated: it has 200000 of 335648 bytes; fetch it again\n$/,
    ],
    [
      'a file cut in its header',
      { model: chat.subarray(0, 3000) },
      /^error: the model file .* is truncated: its 3000 bytes end inside the header\n$/,
    ],
    [
      'a page instead of a file',
      { model: new TextEncoder().encode('<html>not found</html>') },
      /^error: .* is not a GGUF file: it begins with "<htm"\n$/,
    ],
    ['images', { args: ['--mmproj', 'x.gguf'] }, /^error: --mmproj: node-llama-cpp cannot read images/],
    ['reranking without a rank head', { args: ['--rerank'] }, /^error: .* has no rank head, so it cannot rerank\n$/],
    ['an unknown option', { args: ['--fast'] }, /^error: unknown option --fast; known are --model/],
    [
      'a wrong number',
      { args: ['--parallel', 'many'] },
      /^error: --parallel must be a whole number from 1 to 64, not "many"\n$/,
    ],
  ] as const) {
    test(name, async () => {
      await using engine = await startEngine({ ...start, isEarly: true })
      const { code, stderr } = await engine.ended
      expect(stderr).toMatch(reason)
      expect(code).toBe(1)
    })
  }

  test('weights that the library does not take', async () => {
    const broken = chat.slice()
    // The architecture's name, which the reader has no opinion on.
    const at = Buffer.from(broken).indexOf('llama.vocab_size') - 1
    const name = Buffer.from(broken).indexOf('llama', 24)
    expect(name).toBeLessThan(at)
    broken.set(new TextEncoder().encode('lhama'), name)
    await using engine = await startEngine({ model: broken, isEarly: true })
    const { code, stderr } = await engine.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: /m)
  })
})

test('a LoRA adapter changes what the model says, by its scale', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-lora-'))
  const path = join(folder, 'lora.gguf')
  await writeFile(path, loraForSmoke())
  const say = async (args: readonly string[]): Promise<string> => {
    await using engine = await startEngine({ args: [...small, ...args] })
    const answer = await (await engine.post('/v1/completions', { prompt: 'The house', temperature: 0 })).json()
    return answer.choices[0].text
  }
  const plain = await say([])
  expect(await say(['--lora', `${path}=0`])).toBe(plain)
  expect(await say(['--lora', path])).not.toBe(plain)
  await rm(folder, { recursive: true })
})

/** Large enough weights to be heard, on both layers' last matrix. */
function loraForSmoke(): Uint8Array {
  let state = 7
  const chance = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name,
    shape: [columns, rows],
    type: 'F32',
    values: Float32Array.from({ length: columns * rows }, () => chance() * 4),
  })
  return writeGguf({
    metadata: [
      ['general.architecture', { type: 'string', value: 'llama' }],
      ['general.type', { type: 'string', value: 'adapter' }],
      ['adapter.type', { type: 'string', value: 'lora' }],
      ['adapter.lora.alpha', { type: 'f32', value: 8 }],
    ],
    tensors: [0, 1].flatMap((layer) => [
      matrix(`blk.${layer}.ffn_down.weight.lora_a`, 96, 4),
      matrix(`blk.${layer}.ffn_down.weight.lora_b`, 4, 64),
    ]),
  })
}

test('SIGTERM lets an answer finish, then the process ends with code 0', async () => {
  await using engine = await startEngine({ args: small })
  const body = { messages: [{ role: 'user', content: 'x' }], stream: true, ignore_eos: true, max_tokens: 300 }
  const response = await engine.post('/v1/chat/completions', body)
  const reader = response.body?.getReader()
  await reader?.read()
  const startedAt = performance.now()
  process.kill(engine.pid, 'SIGTERM')
  let text = ''
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    if (done) break
    text += new TextDecoder().decode(value)
  }
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect((await engine.ended).code).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(5000)
})

test('SIGTERM ends it within five seconds whatever its clients do', async () => {
  await using engine = await startEngine({ args: ['--context', '8192', '--parallel', '1', '--threads', '1'] })
  const response = await engine.post('/v1/chat/completions', {
    messages: [{ role: 'user', content: 'x' }],
    stream: true,
    ignore_eos: true,
  })
  const startedAt = performance.now()
  process.kill(engine.pid, 'SIGTERM')
  expect((await engine.ended).code).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(5000)
  await response.body?.cancel().catch(() => null)
})
