/**
 * Conversations of the unmodified clients with a cloud, through the house: the client sees real values whatever the
 * cloud makes of its placeholders, and none of them is in the bytes that the cloud got.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DriverName } from '../env/conformance-clients.ts'
import {
  converse,
  inventions,
  placeholdersOf,
  toolResult,
  truncatedAt,
  type Turn,
} from '../env/privacy-conversation.ts'
import { cloudModels, startPrivacyHouse, type CloudModel, type PrivacyHouse } from '../env/privacy-house.ts'
import { people, turns, values } from '../env/privacy-people.ts'
import { around, rewritings } from '../fakes/captive-cloud/placeholders.ts'

let all: PrivacyHouse
let open: PrivacyHouse
beforeAll(async () => {
  all = await startPrivacyHouse()
  open = await startPrivacyHouse({ isOpen: true })
}, 120_000)
afterAll(async () => {
  await all?.[Symbol.asyncDispose]()
  await open?.[Symbol.asyncDispose]()
}, 60_000)

const driverNames: readonly DriverName[] = ['chat', 'responses', 'messages']
const modelNames: readonly CloudModel[] = ['vendor', 'engine', 'claude']
const ways = driverNames.flatMap((driver) =>
  modelNames.flatMap((model) => [true, false].map((isStream) => ({ driver, model, isStream }))),
)

describe.each(ways)('the client of $driver with the model $model, stream: $isStream', ({ driver, model, isStream }) => {
  test('sees in ten turns what it said, and the cloud sees nothing of it', async () => {
    const { cloud, one } = all
    cloud.captured.forget()
    const salt = `${driver} ${model} ${isStream}`
    const told = await converse(one, cloud, { driver, model: cloudModels[model], isStream, salt, cut: salt })
    expect(cloud.refusals).toEqual([])
    expect(told).toHaveLength(turns.length + 1)
    for (const turn of told) expectSeen(turn)
    expectStable(told)
    expect(cloud.captured.requests.length).toBeGreaterThanOrEqual(told.length)
    expect(cloud.captured.leaks(values)).toEqual([])
  }, 60_000)
})

test('where everything may leave the judge finds every value in the bytes', async () => {
  const { cloud, one } = open
  const plan = { driver: 'chat', model: cloudModels.vendor, isStream: true, salt: 'open', cut: 1 } as const
  const told = await converse(one, cloud, plan)
  expect(told.find(({ behaviour }) => behaviour === 'echo')?.got.text).toContain(people.alice)
  for (const value of values) expect([value, ...cloud.captured.holds(value)]).not.toEqual([value])
}, 60_000)

/** What the client got, by what the cloud did. */
function expectSeen({ behaviour, asked, got, said }: Turn): void {
  expect(said).not.toContain(people.alice)
  // What is not shown to this client has nothing in it either.
  expect(placeholdersOf(got.thought)).toEqual([])
  switch (behaviour) {
    case 'echo':
      expect(got.text).toBe(asked)
      return
    case 'result':
      expect(got.text).toBe(`The tool said: ${toolResult}`)
      return
    case 'tools':
      expect(got.calls.map(({ input }) => unpacked(input))).toEqual([
        { text: asked, note: asked, inner: asked, deepest: asked, names: expect.arrayContaining([people.phone]) },
      ])
      return
    case 'rephrase':
      expectRephrased(got.text)
      return
    case 'truncate':
      expect(got.end).toBe('length')
      expect(got.text).toContain(people.project)
      // What was cut stands there as it came, and nobody guesses what it was to be.
      expect(got.text).toEndWith(` and ${said.slice(-truncatedAt)}`)
      expect(placeholdersOf(got.text)).toEqual([])
      return
    default:
      expect(got.text).toBe(said === inventions ? inventions : `It was ${people.alice} and ${people.aliceMail}.`)
  }
}

interface Input {
  readonly text: string
  readonly nested: { readonly list: readonly { readonly note: string }[] }
  readonly packed: string
}

function unpacked(input: unknown): unknown {
  const { text, nested, packed } = input as Input
  const { inner, again } = JSON.parse(packed) as { readonly inner: string; readonly again: string }
  const { deepest, names } = JSON.parse(again) as { readonly deepest: string; readonly names: readonly string[] }
  return { text, note: nested.list[0]?.note, inner, deepest, names }
}

/** Whatever the model made of a placeholder, its value stands there and nothing of it is left. */
function expectRephrased(text: string): void {
  const seen = text.split('\n').map((line) => /^(\w+): (.*) was told\.$/.exec(line)?.slice(1) ?? ['', line])
  for (const name of Object.keys(rewritings)) {
    const [before, after] = around[name] ?? ['', '']
    const of = seen.filter(([written]) => written === name).map(([, value]) => value)
    for (const value of [people.alice, people.aliceMail, people.phone, people.bobby, people.iban, people.card])
      expect({ name, of }).toEqual({ name, of: expect.arrayContaining([`${before}${value}${after}`]) })
  }
  expect(seen.filter(([name]) => name === '')).toEqual([])
}

/** A value has one placeholder from the first turn to the last. */
function expectStable(told: readonly Turn[]): void {
  const first = placeholdersOf(told[0]?.body ?? '')
  expect(first.map(({ label }) => label)).toEqual(expect.arrayContaining(['PERSON', 'EMAIL']))
  for (const { whole } of first) expect(told.at(-1)?.body).toContain(whole)
}
