import { describe, expect, test } from 'bun:test'
import { createDetector } from '../detect/detector.ts'
import { createDictionary } from '../detect/dictionary.ts'
import { findLeaks } from '../leak/gate.ts'
import { createNeedles } from '../leak/needles.ts'
import { identifierRecognisers } from '../recognisers/identifiers.ts'
import { secretRecognisers } from '../recognisers/secrets/secrets.ts'
import { Budget } from '../text/budget.ts'
import { entityTypes } from '../words.ts'
import { makeCanaries } from './canaries.ts'
import type { Canary } from './canary.ts'
import { carriers } from './carriers.ts'
import { asEchoed, echoedText, echoOf, withStream } from './echo.ts'
import { mutations } from './mutations.ts'
import { createRandom } from './random.ts'

const seeds = [1, 2, 3, 4, 5, 6]
const text = (value: unknown): string => JSON.stringify(value)

describe('canaries', () => {
  test('are the same for the same seed and others for another', () => {
    expect(makeCanaries(createRandom(7))).toEqual(makeCanaries(createRandom(7)))
    const all = [1, 2, 3].flatMap((seed) => makeCanaries(createRandom(seed)).map(({ value }) => value))
    expect(new Set(all).size).toBe(all.length)
  })

  test('are of nearly every type, of every kind once, with twenty vendors of secrets among them', () => {
    const all = makeCanaries(createRandom(1))
    const absent = entityTypes.filter((type) => !all.some((canary) => canary.type === type))
    expect(absent).toEqual(['ORGANIZATION', 'ADDRESS', 'ACCOUNT', 'TERM', 'LITERAL'])
    const kinds = all.map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(kinds.filter((kind) => kind.startsWith('secret.')).length).toBeGreaterThanOrEqual(24)
    expect(kinds.filter((kind) => kind.startsWith('phone.')).length).toBeGreaterThanOrEqual(6)
    expect(kinds.filter((kind) => kind.startsWith('name.'))).toHaveLength(6)
    expect(makeCanaries(createRandom(1), { locales: ['pl'] }).filter(({ isName }) => isName)).toHaveLength(1)
  })

  test('are known by the gate: each is long enough to be looked for', () => {
    for (const { value, type } of makeCanaries(createRandom(3))) expect(createNeedles().add(value, type)).toBe(true)
  })
})

describe('what is claimed', () => {
  const detector = createDetector([...identifierRecognisers({ urls: 'internal' }), ...secretRecognisers])

  function isLeft(canary: Canary, written: string): boolean {
    const { value, type, before, after, isName } = canary
    const known = { value, type, canonical: value.toLowerCase(), source: 'directory' as const }
    const dictionaries = isName ? [createDictionary([known])] : []
    const whole = before + written + after
    const found = detector.detect(whole, { dictionaries, minScore: 0.5, budget: new Budget({ decodedBytes: 1e6 }) })
    if (found.kind === 'exceeded') return true
    let rest = whole
    for (const { start, end } of found.spans.toReversed()) rest = `${rest.slice(0, start)}[X]${rest.slice(end)}`
    const needles = createNeedles()
    needles.add(value, type)
    if (written !== value) needles.add(written, type)
    return findLeaks({ url: '/', headers: {}, body: new TextEncoder().encode(rest) }, [needles]).kind !== 'clean'
  }

  test.each(mutations.map(({ id }) => id))('of canaries written %s is found', (id) => {
    const mutation = mutations.find((each) => each.id === id)!
    const left: string[] = []
    let tried = 0
    for (const seed of seeds) {
      const random = createRandom(seed)
      for (const canary of makeCanaries(random)) {
        const written = mutation.apply(canary.value, random)
        if (written === null || !mutation.claims(canary)) continue
        tried++
        if (isLeft(canary, written)) left.push(`seed ${seed}: ${canary.kind} ${written}`)
      }
    }
    expect(left).toEqual([])
    const isOnlyListed = ['line-wrapped', 'quoted-lines', 'digits-in-words', 'reversed', 'letters-spaced', 'rot13']
    expect(tried > 0).toBe(!isOnlyListed.includes(id))
  })

  test('every way of writing changes something, and its id is its own', () => {
    expect(new Set(mutations.map(({ id }) => id)).size).toBe(mutations.length)
    const random = createRandom(2)
    for (const { id, apply } of mutations) {
      const written = makeCanaries(random).map(({ value }) => [value, apply(value, random)] as const)
      const changed = written.filter(([value, after]) => after !== null && after !== value)
      expect([id, changed.length > 0]).toEqual([id, id !== 'none'])
    }
  })
})

describe('carriers', () => {
  const random = createRandom(1)
  const value = 'zq"x\\y\nä'

  test('are many, each with its own id, in every dialect', () => {
    expect(carriers.length).toBeGreaterThan(80)
    expect(new Set(carriers.map(({ id }) => id)).size).toBe(carriers.length)
    const paths = new Set(carriers.map(({ build }) => build('x', random).path.split('?')[0]))
    for (const path of ['/chat/completions', '/completions', '/responses', '/messages', '/embeddings', '/rerank'])
      expect(paths).toContain(path)
  })

  test.each(carriers.map((carrier) => [carrier.id, carrier] as const))('%s carries what it is given', (_, carrier) => {
    const { path, body } = carrier.build(value, random)
    const needles = createNeedles()
    needles.add('zqvalue', 'TERM')
    const plain = carrier.build('zqvalue', random)
    const sent = new TextEncoder().encode(text(plain.body))
    expect(findLeaks({ url: plain.path, headers: {}, body: sent }, [needles]).kind).toBe('leaks')
    // Whatever stands in it, it is one valid request.
    expect(JSON.parse(text(body))).toEqual(body)
    expect(() => new URL(path, 'http://captive.invalid')).not.toThrow()
  })

  test.each(carriers.filter(({ isEchoed }) => isEchoed).map((carrier) => [carrier.id, carrier] as const))(
    'what %s carries comes back in an echo, streamed too',
    (_, carrier) => {
      const { path, body } = carrier.build(value, random)
      for (const sent of [body, { ...(body as object), stream: true }]) {
        const echo = echoOf(path, sent)
        const back = echoedText(echo.contentType, echo.body)
        expect(asEchoed(value).some((each) => back?.includes(each) === true)).toBe(true)
      }
    },
  )

  test('some requests of chats ask for a stream', () => {
    const asked = Array.from({ length: 50 }, () => withStream('/chat/completions', { a: 1 }, random))
    const streams = asked.filter((body) => text(body).includes('stream'))
    expect(streams.length).toBeGreaterThan(3)
    expect(streams.length).toBeLessThan(30)
    expect(withStream('/embeddings', { a: 1 }, random)).toEqual({ a: 1 })
  })
})
