import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CataloguePage, CataloguePlan } from '../../sdk/typescript/index.ts'
import { repositoryRoot, startHouse, type House } from '../env/house.ts'
import { until } from '../env/until.ts'
import { runCli, type Ran } from '../fakes/cli-process.ts'

type Provider = Record<string, unknown> & { models: Record<string, unknown> }

let house: House
let site: ReturnType<typeof Bun.serve>
/** What is behind the address at this moment. */
let served = ''

beforeAll(async () => {
  site = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url: asked }) =>
      asked.endsWith('/models') ? Response.json({ data: [{ id: 'deepseek-chat' }] }) : new Response(served),
  })
  const upstream = `{ provider: deepseek, apiKey: k, baseUrl: "http://127.0.0.1:${site.port}/v1", locality: lan }`
  house = await startHouse({ config: `server: { port: 0 }\nupstreams: [${upstream}]\n` })
})
afterAll(async () => {
  await site.stop(true)
  await house[Symbol.asyncDispose]()
})

/** As models.dev tells it. */
function document(change: (providers: Record<string, Provider>) => void = () => {}): Record<string, Provider> {
  const deepseek: Provider = {
    id: 'deepseek',
    name: 'DeepSeek',
    npm: '@ai-sdk/openai-compatible',
    api: 'https://api.evil.test/v1',
    env: ['DEEPSEEK_API_KEY'],
    models: { 'deepseek-chat': { id: 'deepseek-chat', name: 'Chat', cost: { input: 7, output: 8 } } },
  }
  const providers = { deepseek }
  change(providers)
  return providers
}

const post = (path: string, body: unknown): Promise<Response> =>
  house.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const url = (): string => `http://127.0.0.1:${site.port}/api.json`
const priceOf = async (): Promise<unknown> => {
  const { data } = await house.get<{ data: { id: string; pricing?: unknown }[] }>('/v1/models')
  return data.find(({ id }) => id === 'deepseek/deepseek-chat')?.pricing
}
const dear = { prompt: '0.000007', completion: '0.000008' }
const hearth = (...args: readonly string[]): Promise<Ran> => runCli(args, { env: { HEARTH_HOME: house.home } })

test('a plan shows every price that would change, and changes none', async () => {
  served = JSON.stringify(document())
  const before = await priceOf()
  const plan = (await (await post('/api/catalogue/plan', { url: url() })).json()) as CataloguePlan
  expect(plan.repriced).toMatchObject([{ model: 'deepseek/deepseek-chat', after: { input: 7, output: 8 } }])
  // No document leads a known provider's key elsewhere.
  expect(plan.moved).toEqual([])
  expect(plan.goneProviders).toContain('groq')
  expect(plan.counts['goneModels']).toBeGreaterThan(4000)
  expect(plan.goneModels).toHaveLength(1000)
  expect(await priceOf()).toEqual(before)
})

test('a plan that was overtaken by another is not done', async () => {
  const first = (await (await post('/api/catalogue/plan', { document: document() })).json()) as CataloguePlan
  await post('/api/catalogue/plan', { document: document((all) => (all['x'] = { models: {} })) })
  const answer = await post('/api/catalogue/apply', { hash: first.hash })
  expect([answer.status, await answer.text()]).toMatchObject([409, expect.stringContaining('plan again')])
})

const refused: readonly (readonly [string, () => unknown, string])[] = [
  ['no JSON', () => ({ url: url() }), 'is no JSON'],
  ['a price below zero', () => ({ document: document(dearer(-1)) }), 'which is no price'],
  [
    'a document without a provider that is in use',
    () => ({ document: { x: { models: {} } } }),
    'does not reach deepseek',
  ],
  ['neither address nor document', () => ({}), 'url or document'],
  ['an address of a file', () => ({ url: 'file:///etc/passwd' }), 'url'],
]

function dearer(input: number) {
  return (all: Record<string, Provider>): void => {
    const deepseek = all['deepseek']
    if (deepseek) deepseek.models['deepseek-chat'] = { id: 'deepseek-chat', cost: { input, output: 1 } }
  }
}

test.each(refused)('%s is refused whole', async (_, body, why) => {
  served = '<html>'
  const answer = await post('/api/catalogue/plan', body())
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain(why)
})

test('the command shows what would change, and does it only when somebody agrees', async () => {
  const file = join(house.home, 'new.json')
  await Bun.write(file, JSON.stringify(document()))
  const dry = await hearth('catalogue', 'update', file, '--dry-run')
  expect(dry.out).toContain('deepseek/deepseek-chat')
  expect(dry.out).toContain('$7 in, $8 out')
  const asked = await hearth('catalogue', 'update', file)
  expect([asked.code === 0, asked.err]).toMatchObject([false, expect.stringContaining('--yes')])
  expect(await priceOf()).not.toEqual(dear)
  const done = await hearth('catalogue', 'update', file, '--yes')
  expect([done.code, done.out]).toMatchObject([0, expect.stringContaining('In effect: 1 models of 1 providers')])
  await until('the new price is in effect', async () => JSON.stringify(await priceOf()) === JSON.stringify(dear))
  const shown = await hearth('catalogue', 'show', 'deepseek/deepseek-chat')
  expect(shown.out).toContain('yes, as deepseek/deepseek-chat')
})

test('it is remembered with where it came from, who took it, and in the audit log', async () => {
  await house.restart()
  expect(await priceOf()).toEqual(dear)
  const { catalogue } = await house.get<CataloguePage>('/api/catalogue')
  expect(catalogue).toMatchObject({ models: 1, from: join(house.home, 'new.json') })
  const audit = await (await house.ask('/api/audit')).text()
  expect(audit).toContain('catalogue.update')
})

test('one that is broken on the disk is left, said, and replaced by the one that came with Hearth', async () => {
  await Bun.write(join(house.home, 'catalogue.json'), '{"from":"x","at":"y","by":"z","catalogue":{}}')
  await house.restart()
  const { catalogue } = await house.get<CataloguePage>('/api/catalogue')
  expect(catalogue).toMatchObject({ models: 4408, from: null })
  expect(house.logs()).toContain('catalogue.json is refused')
  await rm(join(house.home, 'catalogue.json'))
})

test('the command lists, searches and goes back', async () => {
  await hearth('catalogue', 'update', join(repositoryRoot, 'src/catalogue/bundled.json'), '--yes')
  const list = await hearth('catalogue', 'deepseek chat', '--provider', 'deepseek', '--json')
  expect((JSON.parse(list.out) as CataloguePage).data.map(({ id }) => id)).toEqual(['deepseek/deepseek-chat'])
  const providers = await hearth('catalogue', 'providers', 'groq')
  expect(providers.out).toContain('GROQ_API_KEY')
  const gone = await hearth('catalogue', 'reset', '--yes')
  expect(gone.out).toContain('4408 models')
  const wrong = await hearth('catalogue', 'show', 'groq/llama-3.3-70b')
  expect(wrong.err).toContain('The catalogue has no model')
})
