import { describe, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { keyId } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import { decryptCbc } from '#platform/crypto/cbc.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { createSmallScrubber } from '../../../test/fakes/small-privacy.ts'
import type { PrivacySettings } from '../contract.ts'
import recorded from './golden/presidio.json'
import { presidioRoutes, withPresidioErrors } from './presidio.ts'

const settings: PrivacySettings = {
  policies: [
    {
      name: 'default',
      names: 'known-names',
      cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
      // What a policy lets pass is told all the same.
      pass: ['EMAIL'],
      urls: 'internal',
      restoreSecrets: 'never',
      hint: true,
      minScore: 0.5,
    },
  ],
  upstreamPolicies: new Map(),
  recogniser: null,
  ttlMs: 1000,
  limits: { textBytes: 5000, scrubMs: 1000, decodedBytes: 1000, scopes: 10, valuesPerScope: 10 },
}

const handler = withPresidioErrors(
  createRouter({
    routes: presidioRoutes({
      scrubber: createSmallScrubber(['Ann Lee']),
      settings: createCell(settings),
      recognisers: [
        { id: 'email', type: 'EMAIL' },
        { id: 'id.us.ssn', type: 'NATIONAL_ID' },
        { id: 'secret.github.pat', type: 'SECRET' },
      ],
    }),
    gate: {
      admit(request) {
        if (request.headers.get('authorization') === 'none') throw new AppError('unauthenticated', 'A key is needed.')
        return { key: keyId('ada'), name: 'ada', may: () => true } as unknown as Caller
      },
    },
    log: silentLogger,
    controlBodyBytes: 65_536,
    fallback: () => null,
  }),
)

async function call(ask: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const [method = '', path = ''] = ask.split(' ')
  const sent = new Request(`http://127.0.0.1${path}`, {
    method,
    headers,
    ...(body === null ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = await handler(sent, { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} })
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false
  // oxlint-disable-next-line no-explicit-any -- what came over the wire; every test says what it expects
  return { status: answer.status, answer: (isJson ? await answer.json() : await answer.text()) as any }
}

/** Where ours says what is wrong and the real one only that something is. */
const plainer = new Set([500])

describe('an anonymizer of Presidio', () => {
  test.each(recorded.anonymizer.map((each) => [JSON.stringify(each.body).slice(0, 150), each] as const))(
    'answers to %s as this one',
    async (_, { ask, body, status, answer }) => {
      const own = await call(ask, body)
      if (plainer.has(status)) {
        expect(own.status).toBe(422)
        expect(own.answer.error).toStartWith('Invalid input')
      } else expect(own).toEqual({ status, answer })
    },
  )

  test('reads what this one encrypts, and the other way round', async () => {
    const key = 'WmZq4t7w!z%C&F)J'
    const results = [{ start: 2, end: 6, score: 1, entity_type: 'PERSON' }]
    const ask = { text: '😀 Zoë 😀!', analyzer_results: results, anonymizers: { PERSON: { type: 'encrypt', key } } }
    const { answer } = await call('POST /anonymize', ask)
    const [item] = answer.items
    expect(decryptCbc(new TextEncoder().encode(key), item.text)).toBe('Zoë ')
    const back = {
      text: answer.text,
      anonymizer_results: answer.items,
      deanonymizers: { DEFAULT: { type: 'decrypt', key } },
    }
    expect((await call('POST /deanonymize', back)).answer).toEqual({
      text: '😀 Zoë 😀!',
      items: [{ start: 2, end: 6, entity_type: 'PERSON', text: 'Zoë ', operator: 'decrypt', score: null }],
    })
  })

  test('hashes one value differently each time without a salt', async () => {
    const results = [{ start: 0, end: 3, score: 1, entity_type: 'PERSON' }]
    const hash = async () =>
      (
        await call('POST /anonymize', {
          text: 'Ann',
          analyzer_results: results,
          anonymizers: { DEFAULT: { type: 'hash' } },
        })
      ).answer.text as string
    const [one, other] = [await hash(), await hash()]
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(one).not.toBe(other)
  })
})

describe('an analyzer of Presidio', () => {
  const mails = recorded.analyzer.filter(({ status, body }) => status === 500 || 'entities' in body)
  test.each(mails.map((each) => [JSON.stringify(each.body).slice(0, 150), each] as const))(
    'answers to %s as this one',
    async (_, { ask, body, status, answer }) => {
      const own = await call(ask, body)
      // Every language is one here: what has a form has it in all of them.
      if (body.language === 'xx') expect(own).toEqual({ status: 200, answer: [] })
      else if (status !== 200) expect(own).toEqual({ status, answer })
      else {
        const places = (list: unknown) =>
          (list as { readonly start: number; readonly end: number; readonly entity_type: string }[]).map(
            (place) => `${place.entity_type} ${place.start} to ${place.end}`,
          )
        expect(places(own.answer)).toEqual(places(answer))
        expect(Object.keys(own.answer[0])).toEqual(Object.keys((answer as object[])[0] ?? {}))
        expect(Object.keys(own.answer[0].analysis_explanation).sort()).toEqual(
          Object.keys((answer as { analysis_explanation: object }[])[0]?.analysis_explanation ?? {}).sort(),
        )
      }
    },
  )

  const analyze = async (body: object) => (await call('POST /analyze', { language: 'en', ...body })).answer

  test('tells places in code points, the surest first, for each text of a list', async () => {
    const text = ['😀 ann@example.org, Ann Lee', 'nothing']
    expect(await analyze({ text })).toEqual([
      [
        { analysis_explanation: null, end: 26, entity_type: 'PERSON', score: 1, start: 19 },
        { analysis_explanation: null, end: 17, entity_type: 'EMAIL_ADDRESS', score: 0.9, start: 2 },
      ],
      [],
    ])
    expect(await analyze({ text: text[0], score_threshold: 0.95 })).toHaveLength(1)
    expect(await analyze({ text: text[0], entities: ['EMAIL'] })).toHaveLength(1)
    expect((await analyze({ text: text[0], return_decision_process: true }))[0].analysis_explanation).toMatchObject({
      recognizer: 'directory',
      textual_explanation: expect.stringContaining('list of who and what belongs'),
    })
  })

  test('takes words and patterns of the caller, in linear time, and leaves alone what is allowed', async () => {
    const words = { name: 'p', supported_entity: 'PROJECT', deny_list: ['Falcon', 'C++'] }
    const found = await analyze({ text: 'Falcon, falcon, Falconry, C++', ad_hoc_recognizers: [words] })
    expect(found.map(({ start }: { start: number }) => start)).toEqual([0, 8, 26])
    const zip = {
      supported_entity: 'ZIP',
      patterns: [{ name: 'zip', regex: '(\\b\\d{5}\\b)', score: 0.01 }],
      context: ['zip'],
    }
    expect(await analyze({ text: 'zip 10115', ad_hoc_recognizers: [zip], entities: ['ZIP'] })).toMatchObject([
      { entity_type: 'ZIP', start: 4, end: 9, score: 0.01 },
    ])
    const slow = { supported_entity: 'X', patterns: [{ regex: '(a+)+$', score: 1 }] }
    expect(await analyze({ text: `${'a'.repeat(1500)}b`, ad_hoc_recognizers: [slow] })).toEqual([])
    expect(await analyze({ text: 'Falcon', ad_hoc_recognizers: [words], allow_list: ['Falcon'] })).toEqual([])
    const regex = { allow_list: ['^ann@'], allow_list_match: 'regex' }
    expect(await analyze({ text: 'ann@example.org bob@example.org', ...regex })).toMatchObject([{ start: 16 }])
  })

  test.each<[object, number, string]>([
    [{ text: 5 }, 400, 'Failed to parse /analyze request: text'],
    [{ text: 'a', ad_hoc_recognizers: [{ deny_list: ['x'] }] }, 400, 'supported_entity'],
    [
      { text: 'a', ad_hoc_recognizers: [{ supported_entity: 'X', patterns: [{ regex: '(?=a)', score: 1 }] }] },
      400,
      'RE2',
    ],
    [{ text: 'a', allow_list: Array(101).fill('a'), allow_list_match: 'regex' }, 400, 'at most 100 patterns'],
    [{ text: 'a', allow_list: ['('], allow_list_match: 'regex' }, 400, 'allow_list cannot be read'],
    [{ text: 'a'.repeat(5001) }, 413, 'privacy.limits.text is 4.9 KiB'],
    [{ text: ['a'.repeat(3000), 'a'.repeat(3000)] }, 413, 'This is 5.9 KiB of text'],
    [
      {
        text: 'a'.repeat(4500),
        ad_hoc_recognizers: [{ supported_entity: 'X', patterns: Array(100).fill({ regex: 'b', score: 1 }) }],
      },
      413,
      '100 patterns are too many for 4500 characters',
    ],
  ])('refuses %#', async (body, status, sentence) => {
    const own = await call('POST /analyze', { language: 'en', ...body })
    expect(own).toEqual({ status, answer: { error: expect.stringContaining(sentence) } })
  })

  test('tells who it is, what it looks for and what it can do', async () => {
    expect((await call('GET /health', null)).answer).toContain('service is up')
    expect((await call('GET /recognizers?language=en', null)).answer).toEqual([
      'email',
      'id.us.ssn',
      'secret.github.pat',
    ])
    expect((await call('GET /supportedentities', null)).answer).toEqual([
      'EMAIL_ADDRESS',
      'LOCATION',
      'ORGANIZATION',
      'PERSON',
      'SECRET',
      'US_SSN',
    ])
    expect((await call('GET /anonymizers', null)).answer).toEqual([
      'encrypt',
      'hash',
      'keep',
      'mask',
      'redact',
      'replace',
    ])
    expect((await call('GET /deanonymizers', null)).answer).toEqual(['decrypt', 'deanonymize_keep'])
  })

  test('says in its own shape what the door refuses', async () => {
    const refused = [
      await call('POST /analyze', { text: 'a' }, { authorization: 'none' }),
      await call('GET /nothing', null),
      await call('GET /analyze', null),
      await call('POST /analyze', '{'),
    ]
    expect(refused.map(({ status }) => status)).toEqual([401, 404, 405, 400])
    for (const { answer } of refused) expect(answer).toEqual({ error: expect.any(String) })
  })
})
