/** After a day of hiding things: nothing of them lies around, in the home, in what is logged, or in what is told. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { converse } from '../env/privacy-conversation.ts'
import { cloudModels, startPrivacyHouse, type PrivacyHouse } from '../env/privacy-house.ts'
import { people, secret, values } from '../env/privacy-people.ts'
import { readingsHolding } from '../env/privacy-readings.ts'
import { until } from '../env/until.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../fakes/otlp-receiver.ts'

let all: PrivacyHouse
let receiver: OtlpReceiver
let feed = ''
const listening = new AbortController()
const hidden = [...values, secret]

beforeAll(async () => {
  receiver = startOtlpReceiver()
  all = await startPrivacyHouse({ config: `telemetry: { otlp: "${receiver.url}" }\n` })
  void follow()
  await spendADay()
}, 120_000)
afterAll(async () => {
  listening.abort()
  await all?.[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
}, 60_000)

/** Everything live, as the page sees it. */
async function follow(): Promise<void> {
  const response = await all.house.ask('/api/events', { signal: listening.signal })
  const decoder = new TextDecoder()
  try {
    for await (const bytes of response.body ?? []) feed += decoder.decode(bytes, { stream: true })
  } catch {
    // It ends with the test.
  }
}

async function spendADay(): Promise<void> {
  const { one, cloud } = all
  const plans = [
    { driver: 'chat', model: cloudModels.vendor, isStream: true },
    { driver: 'responses', model: cloudModels.vendor, isStream: false },
    { driver: 'messages', model: cloudModels.claude, isStream: true },
  ] as const
  for (const plan of plans) await converse(one, cloud, { ...plan, salt: `a day with ${plan.driver}`, cut: 50 })
  cloud.play({ behaviour: { kind: 'refuse', status: 400 } })
  await ask({ messages: [{ role: 'user', content: `Refused: ${values.join(', ')} ${secret}` }] })
  cloud.play({})
  await ask({ messages: [{ role: 'user', content: `Secret: ${secret}` }] })
  await ask({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: people.aliceMail } }] }] })
  await ask({ messages: people.aliceMail })
  await (await one.ask(`/upstreams/cloud/people/${people.aliceMail}?q=${encodeURIComponent(people.alice)}`)).text()
  const scrubbed = await one.post('/scrub', { text: values.join('\n'), session_id: people.aliceMail })
  const { map_id: map, text } = (await scrubbed.json()) as { readonly map_id: string; readonly text: string }
  await (await one.post('/rehydrate', { map_id: map, text })).text()
  await (await one.post('/rehydrate', { map_id: people.aliceMail, text: people.alice })).text()
  await (await one.post('/v1/privacy/detect', { text: values.join('\n'), explain: people.alice })).text()
}

const ask = async (more: object): Promise<void> =>
  void (await (await all.one.post('/v1/chat/completions', { model: cloudModels.vendor, ...more })).text())

/** Where a value was found, as sentences. */
const findings = (place: string, bytes: Uint8Array | string): readonly string[] =>
  hidden.flatMap((value) =>
    readingsHolding(Buffer.from(bytes), value).map((reading) => `${value} stands in ${place} (${reading})`),
  )

async function filesOfHome(): Promise<readonly string[]> {
  const entries = await readdir(all.house.home, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

async function findingsInHome(): Promise<readonly string[]> {
  const files = await filesOfHome()
  // What holds everything is there, and it was looked into.
  expect(files.map((file) => file.slice(all.house.home.length))).toEqual(expect.arrayContaining(['/hearth.db']))
  const found: string[] = []
  for (const file of files) found.push(...findings(file, await readFile(file)))
  return found
}

test('no file of the home holds a value, while it runs, after a kill, and after it has closed', async () => {
  const { house } = all
  const { data } = await house.get<{ readonly data: readonly unknown[] }>('/v1/privacy/scopes')
  expect(data.length).toBeGreaterThan(3)
  expect(await findingsInHome()).toEqual([])
  await house.kill()
  expect(await findingsInHome()).toEqual([])
  await house.restart()
  expect(await findingsInHome()).toEqual([])
}, 120_000)

test('what it writes and what it tells hold no value', async () => {
  const { house } = all
  expect(house.logs().length).toBeGreaterThan(500)
  expect(findings('the log', house.logs())).toEqual([])
  const paths = ['/metrics', '/api/requests?limit=1000', '/api/status', '/api/routes', '/api/audit?limit=1000'].concat([
    '/v1/privacy/departures?limit=1000',
    '/v1/privacy/scopes?limit=1000',
    '/v1/privacy/policies',
    '/v1/privacy/status',
  ])
  for (const path of paths) {
    const answer = await house.ask(path)
    expect([path, answer.status]).toEqual([path, 200])
    expect(findings(path, await answer.text())).toEqual([])
  }
  const { data } = await house.get<{ readonly data: readonly { readonly id: string }[] }>('/api/requests?limit=1000')
  expect(data.length).toBeGreaterThan(20)
  for (const { id } of data) {
    const detail = await (await house.ask(`/api/requests/${id}`)).text()
    expect(findings(`the row ${id}`, detail)).toEqual([])
  }
}, 120_000)

test('the feed and the traces hold no value', async () => {
  await until('the feed has come', () => feed.includes('request'))
  expect(findings('the feed', feed)).toEqual([])
  await until('traces were sent', () => receiver.spans.length > 20)
  const spans = JSON.stringify([receiver.spans, receiver.resources, receiver.requests], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  expect(findings('the traces', spans)).toEqual([])
}, 60_000)
