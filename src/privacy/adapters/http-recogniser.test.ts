import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { systemClock } from '#platform/clock.ts'
import type { EgressPolicy } from '#platform/egress/contract.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createLogger } from '#platform/log/logger.ts'
import {
  startNameRecogniser,
  type FakeNameRecogniser,
  type RecogniserMode,
} from '../../../test/fakes/name-recogniser.ts'
import type { RecogniserSettings } from '../contract.ts'
import { HttpRecogniser, type RecogniserLimits } from './http-recogniser.ts'

const log = createLogger({ level: 'silent', format: 'lines', write: () => undefined, now: () => 0 })
const egress = openEgress({
  policy: createCell<EgressPolicy>({ proxy: null }),
  log,
  clock: systemClock,
  resolve: async () => ['203.0.113.7'],
})
let fake: FakeNameRecogniser
beforeAll(() => {
  fake = startNameRecogniser({ people: ['Anna Müller', 'Bo 𝓚', 'Jo'], places: ['Köln'], window: 400 })
})
beforeEach(() => {
  fake.requests.length = 0
  fake.mode = 'well'
  fake.takesLists = true
})
afterAll(async () => {
  await fake[Symbol.asyncDispose]()
  await egress[Symbol.asyncDispose]()
})

const limits: RecogniserLimits = {
  chunkUnits: 300,
  overlapUnits: 40,
  atOnce: 2,
  chunksPerRequest: 8,
  unitsPerRequest: 2000,
  answerBytes: 1_000_000,
  entities: 40,
}

function recogniser(settings: Partial<RecogniserSettings> = {}): HttpRecogniser {
  const usual: RecogniserSettings = {
    url: settings.kind === 'gliner' ? `${fake.url}/predict` : fake.url,
    kind: 'presidio',
    timeoutMs: 30_000,
    minScore: 0.5,
    language: 'en',
    entities: [],
  }
  return new HttpRecogniser({ settings: { ...usual, ...settings }, exit: egress.inference, clock: systemClock, limits })
}

const ask = (texts: readonly string[], settings: Partial<RecogniserSettings> = {}) =>
  recogniser(settings).recognise(texts, new AbortController().signal)

async function found(texts: readonly string[], settings: Partial<RecogniserSettings> = {}) {
  const spans = await ask(texts, settings)
  return spans.map((each, index) => each.map(({ type, start, end }) => [type, texts[index]?.slice(start, end)]))
}

describe.each(['presidio', 'gliner'] as const)('a recogniser of the kind %s', (kind) => {
  test('finds people and places, each text by itself, where they stand', async () => {
    const texts = ['😀 Ask Anna Müller in Köln.', '', '12345', 'Bo 𝓚 and Jo']
    expect(await found(texts, { kind })).toEqual([
      [
        ['PERSON', 'Anna Müller'],
        ['ADDRESS', 'Köln'],
      ],
      [],
      [],
      [
        ['PERSON', 'Bo 𝓚'],
        ['PERSON', 'Jo'],
      ],
    ])
    expect(JSON.stringify(fake.requests)).not.toContain('12345')
  })

  test('finds a name once wherever the text is cut, and behind what its model reads at once', async () => {
    for (const before of [0, 250, 270, 285, 290, 299, 300, 301, 520, 900]) {
      const text = `${'😀 so '
        .repeat(400)
        .slice(0, before)
        .replace(/[\ud800-\udbff]$/, '')} Anna Müller, 😀 and more ${'x'.repeat(300)}`
      expect(await found([text], { kind })).toEqual([[['PERSON', 'Anna Müller']]])
    }
  })

  test('finds names in one word without an end', async () => {
    const text = `${'-'.repeat(5000)}Anna Müller${'-'.repeat(5000)}`
    expect(await found([text], { kind })).toEqual([[['PERSON', 'Anna Müller']]])
  })

  test('asks a few times at once and no more', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `Jo says ${'x '.repeat(100)}${index}`)
    expect((await found(texts, { kind })).flat()).toHaveLength(30)
    expect(fake.requests.length).toBe(kind === 'gliner' ? 30 : Math.ceil(30 / 8))
  })

  test.each<RecogniserMode>(['slow', '500', 'garbage', 'not a list', 'offsets outside', 'no scores', 'too many'])(
    'that is %s is no empty answer',
    async (mode) => {
      fake.mode = mode
      const settings = { kind, ...(mode === 'slow' ? { timeoutMs: 200 } : {}) }
      for (const texts of [['Ask Jo.'], ['Ask Jo.', 'And Jo.']])
        expect(await failure(ask(texts, settings))).toMatchObject({
          kind: 'unavailable',
          reason: 'recogniser_unavailable',
          retryAfterMs: 2000,
        })
    },
  )

  test('that is down is no empty answer, and is asked again when it is back', async () => {
    const client = recogniser({ kind })
    const { signal } = new AbortController()
    await fake.stop()
    expect(await failure(client.recognise(['Ask Jo.', 'Jo'], signal))).toMatchObject({
      reason: 'recogniser_unavailable',
    })
    fake.start()
    expect((await client.recognise(['Ask Jo.', 'Jo'], signal)).flat()).toHaveLength(2)
  })

  test('in a cloud is not told anything', async () => {
    const thrown = await failure(ask(['Ask Jo.'], { kind, url: 'http://recogniser.example:8080/x' }))
    expect(thrown).toMatchObject({ kind: 'unavailable', reason: 'recogniser_unavailable' })
    expect(fake.requests).toEqual([])
  })

  test('is not waited for by somebody who hung up', async () => {
    fake.mode = 'slow'
    const gone = new AbortController()
    const asked = recogniser({ kind }).recognise(['Ask Jo.'], gone.signal)
    gone.abort()
    expect(await failure(asked)).toMatchObject({ reason: 'recogniser_unavailable' })
  })

  test('is asked for what the settings name, as sure as they want it', async () => {
    const [person, place] = kind === 'gliner' ? ['person', 'address'] : ['PERSON', 'LOCATION']
    expect(await found(['Jo in Köln'], { kind, entities: [place] })).toEqual([[['ADDRESS', 'Köln']]])
    expect(await found(['Jo in Köln'], { kind, minScore: 0.8 })).toEqual([[['PERSON', 'Jo']]])
    expect(await found(['Jo in Köln'], { kind, entities: [person, 'a', 'b', 'c'] })).toEqual([[['PERSON', 'Jo']]])
  })
})

test('offsets that count bytes are noticed where the answer quotes what it found', async () => {
  fake.mode = 'offsets of bytes'
  const thrown = await failure(ask(['Größe: Anna Müller'], { kind: 'gliner' }))
  expect(thrown).toMatchObject({ reason: 'recogniser_unavailable' })
})

test('an analyzer that takes no lists is asked text by text from then on', async () => {
  fake.takesLists = false
  const client = recogniser()
  const { signal } = new AbortController()
  expect((await client.recognise(['Jo', 'Jo', 'Jo'], signal)).flat()).toHaveLength(3)
  expect(fake.requests.map(({ body }) => Array.isArray((body as { text: unknown }).text))).toEqual([
    true,
    false,
    false,
    false,
  ])
  await client.recognise(['Jo', 'Jo'], signal)
  expect(fake.requests).toHaveLength(6)
})

test.each([
  ['/', '/analyze'],
  ['', '/analyze'],
  ['/analyze', '/analyze'],
  ['/analyze/', '/analyze'],
])('the address of an analyzer may end in %p', async (end, path) => {
  await ask(['Jo'], { url: fake.url + end })
  expect(fake.requests.map((request) => request.path)).toEqual([path])
})

test('is asked in the language of the texts, and in its own where nobody says one', async () => {
  const client = recogniser({ language: 'xx' })
  const { signal } = new AbortController()
  expect((await client.recognise(['Ask Jo.'], signal, 'en')).flat()).toHaveLength(1)
  expect((await failure(client.recognise(['Ask Jo.'], signal))).reason).toBe('recogniser_unavailable')
  expect(fake.requests.map(({ body }) => (body as { language: string }).language)).toEqual(['en', 'xx'])
})

test('a language that nobody reads is said', async () => {
  expect(await failure(ask(['Jo'], { language: 'xx' }))).toMatchObject({ message: expect.stringContaining('500') })
})

async function failure(asked: Promise<unknown>): Promise<AppError> {
  const thrown = await asked.then(
    () => null,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(AppError)
  return thrown as AppError
}
