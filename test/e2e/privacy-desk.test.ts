/** Scrubbing by hand, in the whole program: the routes, the client, the command and the door of Presidio's clients. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Hearth, HearthError } from '../../sdk/typescript/index.ts'
import { findFreePort } from '../../src/platform/process/free-port.ts'
import { startHouse, type House } from '../env/house.ts'
import { environmentOf, runCli } from '../fakes/cli-process.ts'

const loopback = '127.0.0.1'
const letter =
  'Dear Ann Lee, write to ann.lee@vendor-mail.com or call +1 415 555 2671 about Project Falcon: DE89370400440532013000.\n'
const values = ['Ann Lee', 'ann.lee@vendor-mail.com', '+1 415 555 2671', 'Project Falcon', 'DE89370400440532013000']

let house: House
let hearth: Hearth
let presidio = ''

beforeAll(async () => {
  const port = findFreePort(loopback)
  presidio = `http://${loopback}:${port}`
  house = await startHouse({
    config: `
compat: { presidio: ${port}, trust: [${loopback}] }
privacy: { policies: [{ name: strict, names: block }], limits: { text: 64KiB } }
`,
  })
  hearth = new Hearth({ url: house.url, key: house.adminKey })
  await hearth.privacy.setLists({
    directory: [{ value: 'Ann Lee', type: 'PERSON' }],
    deny: [{ kind: 'text', value: 'Project Falcon' }],
  })
}, 60_000)
afterAll(() => house?.[Symbol.asyncDispose]())

async function keyOf(name: string): Promise<Hearth> {
  return new Hearth({ url: house.url, key: (await hearth.keys.create({ name })).key })
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'it went well',
    (thrown: unknown) => (thrown instanceof HearthError ? `${thrown.status} ${thrown.code}` : String(thrown)),
  )
}

test('a letter loses what identifies somebody and gets it back, after a restart too', async () => {
  const scrubbed = await hearth.privacy.scrub({ text: letter, explain: true })
  for (const value of values) expect(String(scrubbed.output)).not.toContain(value)
  expect(scrubbed.stats.by_type).toEqual({ PERSON: 1, EMAIL: 1, PHONE: 1, TERM: 1, IBAN: 1 })
  expect(scrubbed.spans?.map(({ start, end }) => letter.slice(start, end))).toEqual(values)
  const handle = scrubbed.handle ?? ''
  await house.restart()
  hearth = new Hearth({ url: house.url, key: house.adminKey })
  const back = await hearth.privacy.rehydrate({ handle, text: String(scrubbed.output) })
  expect(back).toEqual({ output: letter, replaced: 5, unresolved: [] })
  await hearth.privacy.shred(scrubbed.scope ?? '')
  expect(await codeOf(hearth.privacy.rehydrate({ handle, text: 'x' }))).toBe('404 unknown_map')
}, 60_000)

test('messages keep their form, and what is written in JSON within them is read too', async () => {
  const call = { name: 'send', arguments: JSON.stringify({ to: 'ann.lee@vendor-mail.com', n: 1 }) }
  const json = { messages: [{ role: 'assistant', content: null, tool_calls: [{ function: call }] }], 'Ann Lee': 1 }
  const { output } = await hearth.privacy.scrub({ json, scope: 'json' })
  const text = JSON.stringify(output)
  expect(text).not.toContain('vendor-mail')
  expect(text).not.toContain('Ann Lee')
  expect((await hearth.privacy.rehydrate({ scope: 'json', json: output })).output).toEqual(json)
})

test('two keys with the same name for a scope have nothing in common', async () => {
  const [ada, bob] = [await keyOf('ada'), await keyOf('bob')]
  const text = 'ann.lee@vendor-mail.com'
  const [first, second] = [await ada.privacy.scrub({ text, scope: 's' }), await bob.privacy.scrub({ text, scope: 's' })]
  expect(first.output).not.toBe(second.output)
  const swapped = await bob.privacy.rehydrate({ scope: 's', text: String(first.output) })
  expect(swapped).toMatchObject({ output: first.output, replaced: 0 })
  expect((await ada.privacy.scopes()).data).toHaveLength(1)
  expect(await codeOf(bob.privacy.shred(first.scope ?? ''))).toBe('404 unknown_scope')
  expect(await codeOf(bob.privacy.lists())).toBe('403 scope_missing')
})

test('a policy that wants names found refuses where nobody finds them, and a long text is refused with the limit', async () => {
  expect(await codeOf(hearth.privacy.scrub({ text: letter, policy: 'strict' }))).toBe('422 names_unprotected')
  expect(await codeOf(hearth.privacy.scrub({ text: letter, mode: 'block' }))).toBe('422 identifiers_found')
  expect(await codeOf(hearth.privacy.scrub({ text: 'word '.repeat(20_000) }))).toBe('413 text_too_large')
  expect((await hearth.privacy.scrub({ text: letter, mode: 'mask' })).output).toStartWith(
    'Dear [PERSON], write to [EMAIL]',
  )
})

test('a policy of run time counts at once, and stands in the audit log; one of the file is changed there', async () => {
  const set = await hearth.privacy.setPolicy('mails', { pass: ['EMAIL'] })
  expect(set).toMatchObject({ source: 'overlay', pass: ['EMAIL'] })
  const { output } = await hearth.privacy.scrub({ text: 'office@vendor-mail.com', policy: 'mails' })
  expect(output).toBe('office@vendor-mail.com')
  expect(await codeOf(hearth.privacy.setPolicy('strict', {}))).toBe('409 set_elsewhere')
  const actions = (await hearth.audit({ limit: 20 })).data.map(({ action, target }) => `${action} ${target}`)
  expect(actions).toContain('privacy.policy mails')
  expect(JSON.stringify(await hearth.audit({ limit: 50 }))).not.toContain('Falcon')
})

test('the command passes a text through unchanged but for what it replaced', async () => {
  const env = { HEARTH_HOME: house.home }
  const scrubbed = await runCli(['scrub', '--scope', 'cli'], { env, input: letter })
  expect(scrubbed.code).toBe(0)
  const back = await runCli(['rehydrate', '--scope', 'cli'], { env, input: scrubbed.out })
  expect(back.out).toBe(letter)
  expect(environmentOf(env)['HEARTH_HOME']).toBe(house.home)
  expect((await runCli(['privacy'], { env })).out).toContain('only those that the house knows')
})

test('the house proves by itself that its canaries do not get out', async () => {
  const report = await hearth.privacy.leakTest({ cases: 60, seed: 11 })
  expect(report).toMatchObject({ seed: 11, cases: 60, passed: true, claimed: [] })
  expect(report.sent + report.refused).toBe(60)
  expect((await hearth.privacy.departures({ limit: 1, destination: 'leak-test' })).data).toHaveLength(1)
}, 60_000)

test('a client of Presidio is answered without a key from where it is trusted', async () => {
  const analyze = await fetch(`${presidio}/analyze`, {
    method: 'POST',
    body: JSON.stringify({ text: `😀 ${letter}`, language: 'en' }),
  })
  const found = (await analyze.json()) as { entity_type: string; start: number; end: number; score: number }[]
  const points = Array.from(`😀 ${letter}`)
  const told = found.map(({ entity_type, start, end }) => [entity_type, points.slice(start, end).join('')])
  expect(Object.fromEntries(told)).toMatchObject({
    PERSON: 'Ann Lee',
    EMAIL_ADDRESS: 'ann.lee@vendor-mail.com',
    PHONE_NUMBER: '+1 415 555 2671',
    IBAN_CODE: 'DE89370400440532013000',
  })
  const anonymized = await fetch(`${presidio}/anonymize`, {
    method: 'POST',
    body: JSON.stringify({ text: `😀 ${letter}`, analyzer_results: found }),
  })
  expect(((await anonymized.json()) as { text: string }).text).toStartWith('😀 Dear <PERSON>, write to <EMAIL_ADDRESS>')
  const foreign = await fetch(`${presidio}/analyze`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
    body: '{}',
  })
  expect(foreign.status).toBe(401)
  expect(await foreign.json()).toEqual({ error: expect.any(String) })
  expect((await fetch(`${presidio}/v1/models`)).status).toBe(404)
})
