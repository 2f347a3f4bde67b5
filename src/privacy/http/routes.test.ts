import { describe, expect, test } from 'bun:test'
import { keyId, requestId } from '#kernel/ids.ts'
import { createSmallPrivacyHouse, smallSettings, smallStart } from '../../../test/fakes/small-privacy-house.ts'
import type { StoredDeparture } from '../ports.ts'
import { maxMisses } from '../service/miss-limit.ts'

describe('a text that is scrubbed', () => {
  test('comes with placeholders and a map that puts them back, exactly as the contract writes it', async () => {
    const { call, handedOut } = createSmallPrivacyHouse()
    const scrubbed = await call('POST /scrub', { text: 'Call Ann Lee or ann@example.org' })
    expect(scrubbed).toMatchObject({ status: 200 })
    expect(scrubbed.body).toEqual({
      text: 'Call [PERSON_1B0B] or [EMAIL_1B1B]',
      map_id: 'm_00000000000000000000000000',
      expires_at: '2030-01-01T01:00:00.000Z',
      entities: [
        { type: 'PERSON', placeholder: '[PERSON_1B0B]', start: 5, end: 12, score: 1 },
        { type: 'EMAIL', placeholder: '[EMAIL_1B1B]', start: 16, end: 31, score: 0.9 },
      ],
      leak_check: 'passed',
      names: 'known-names',
    })
    expect(handedOut).toEqual(['Call [PERSON_1B0B] or [EMAIL_1B1B]'])
    const { map_id } = scrubbed.body
    const restored = await call('POST /rehydrate', { map_id, text: 'I phoned [PERSON_1B0B] and [PERSON_9Z9Z].' })
    expect(restored.body).toEqual({
      text: 'I phoned Ann Lee and [PERSON_9Z9Z].',
      unresolved: ['[PERSON_9Z9Z]'],
      replaced: 1,
    })
  })

  test('has the same placeholders within a session, whose name is its map', async () => {
    const { call } = createSmallPrivacyHouse()
    const first = await call('POST /scrub', { text: 'ann@example.org', session_id: 'a b' })
    const second = await call('POST /scrub', { text: 'bob@example.org, ann@example.org', session_id: 'a b' })
    expect(second.body.text).toBe('[EMAIL_1B1B], [EMAIL_1B0B]')
    expect(first.body.map_id).toBe('session:a b')
    const restored = await call('POST /rehydrate', { map_id: 'session:a b', text: second.body.text })
    expect(restored.body.text).toBe('bob@example.org, ann@example.org')
  })

  test('leaves alone what is allowed, hides what is denied, and looks only for what is asked', async () => {
    const { call } = createSmallPrivacyHouse()
    const text = 'Ann Lee, ann@example.org, Falcon'
    const scrub = async (more: object) => (await call('POST /scrub', { text, ...more })).body
    expect((await scrub({ allow_list: ['ann@example.org'] })).text).toBe('[PERSON_1B0B], ann@example.org, Falcon')
    expect((await scrub({ deny_list: ['Falcon'] })).text).toContain('[TERM_1B2B]')
    expect(await scrub({ entities: ['EMAIL'] })).toMatchObject({
      text: 'Ann Lee, [EMAIL_1B0B], Falcon',
      leak_check: 'skipped',
    })
    expect((await scrub({ policy: 'mails' })).text).toContain('ann@example.org')
  })

  test.each<[string, number, string, object]>([
    ['text', 400, 'must be a text', {}],
    ['policy', 400, 'for example, mails', { text: 'x', policy: 'mail' }],
    ['entities.0', 400, 'there is no type “EMAILS”', { text: 'x', entities: ['EMAILS'] }],
    ['session_id', 400, 'an empty name', { text: 'x', session_id: '' }],
    ['body', 400, 'sesion_id', { text: 'x', sesion_id: 'a' }],
    ['text', 413, 'privacy.limits.text is 2 KiB', { text: 'ü'.repeat(1001) }],
    ['policy', 422, 'no recogniser of names is configured', { text: 'x', policy: 'strict' }],
  ])('is refused at %p with %d: %s', async (param, status, sentence, body) => {
    const { call } = createSmallPrivacyHouse()
    const answer = await call('POST /scrub', body)
    expect([answer.status, answer.body.error.param]).toEqual([status, param])
    expect(answer.body.error.message).toContain(sentence)
  })

  test('is kept nowhere when the vault is locked', async () => {
    const { call, vault, handedOut } = createSmallPrivacyHouse()
    vault.lock = 'The key of the vault is another one.'
    expect(await call('POST /scrub', { text: 'ann@example.org' })).toMatchObject({
      status: 503,
      body: { error: { code: 'vault_locked' } },
    })
    expect(handedOut).toEqual([])
  })
})

describe('any JSON that is scrubbed', () => {
  test('keeps its form, and each place tells where it stands and why', async () => {
    const { call } = createSmallPrivacyHouse()
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'I am Ann Lee' }] }]
    const made = await call('POST /v1/privacy/scrub', { messages, scope: 'case 7', ttl_s: 60, explain: true })
    expect(made.body).toMatchObject({
      output: [{ role: 'user', content: [{ type: 'text', text: 'I am [PERSON_1B0B]' }] }],
      handle: 'session:case 7',
      scope: 'ada/session:case 7',
      expires_at: '2030-01-01T00:01:00.000Z',
      stats: { by_type: { PERSON: 1 }, replaced: 1 },
      names: 'known-names',
      leak_check: 'passed',
    })
    expect(made.body.spans).toEqual([
      {
        type: 'PERSON',
        path: 'messages[0].content[0].text',
        start: 5,
        end: 12,
        score: 1,
        recogniser: 'directory',
        view: 'raw',
        is_validated: true,
        why: 'It stands on the list of who and what belongs to this house.',
        placeholder: '[PERSON_1B0B]',
      },
    ])
    expect(made.body.policy.version).toMatch(/^[0-9a-f]{12}$/)
    expect(made.body.notice).toContain('not anonymisation')
    const restored = await call('POST /v1/privacy/rehydrate', {
      scope: 'case 7',
      json: { a: ['[PERSON_1B0B]', 'TERM_9Z9Z'] },
    })
    expect(restored.body).toEqual({ output: { a: ['Ann Lee', 'TERM_9Z9Z'] }, replaced: 1, unresolved: ['TERM_9Z9Z'] })
  })

  test('is only hidden with mask, and nothing of it is kept', async () => {
    const { call, vault } = createSmallPrivacyHouse()
    const made = await call('POST /v1/privacy/scrub', { json: { to: 'ann@example.org' }, mode: 'mask' })
    expect(made.body).toMatchObject({ output: { to: '[EMAIL]' }, handle: null, scope: null, expires_at: null })
    expect(made.body.spans).toBeUndefined()
    expect(await vault.list({ owner: null, limit: 10 })).toEqual([])
  })

  test('is refused with block if anything is found, with counts and no values', async () => {
    const { call } = createSmallPrivacyHouse()
    const refused = await call('POST /v1/privacy/scrub', { text: 'ann@example.org, b@example.org', mode: 'block' })
    expect(refused).toMatchObject({
      status: 422,
      body: { error: { code: 'identifiers_found' }, by_type: { EMAIL: 2 } },
    })
    expect(JSON.stringify(refused.body)).not.toContain('example.org')
    const passed = await call('POST /v1/privacy/scrub', { text: 'nothing here', mode: 'block' })
    expect(passed.body).toMatchObject({ output: 'nothing here', handle: null })
  })

  test('is looked at without being kept', async () => {
    const { call, vault } = createSmallPrivacyHouse()
    const found = await call('POST /v1/privacy/detect', { text: 'I am Ann Lee' })
    expect(found.body).toMatchObject({
      spans: [{ type: 'PERSON', path: '', start: 5 }],
      stats: { by_type: { PERSON: 1 } },
    })
    expect(found.body.spans[0].placeholder).toBeUndefined()
    expect(await vault.list({ owner: null, limit: 10 })).toEqual([])
  })

  test.each([
    ['/v1/privacy/scrub', {}, 'Exactly one of text, messages, json'],
    ['/v1/privacy/scrub', { text: 'a', json: null }, 'Exactly one of text, messages, json'],
    ['/v1/privacy/scrub', { text: 'a', mode: 'surrogate' }, 'token, mask or block'],
    ['/v1/privacy/scrub', { text: 'a', ttl_s: 0 }, 'at least 1'],
    ['/v1/privacy/rehydrate', { text: 'a' }, 'Exactly one of handle, scope'],
    ['/v1/privacy/rehydrate', { handle: 'm', scope: 's', text: 'a' }, 'Exactly one of handle, scope'],
    ['/v1/privacy/detect', { texts: ['a'] }, 'texts'],
  ] as const)('is refused at %s for %j', async (path, body, sentence) => {
    const { call } = createSmallPrivacyHouse()
    const answer = await call(`POST ${path}`, body)
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toContain(sentence)
  })
})

describe('a map', () => {
  test('of another key does not exist, by handle and by name', async () => {
    const { call } = createSmallPrivacyHouse()
    const { map_id } = (await call('POST /scrub', { text: 'ann@example.org' })).body
    await call('POST /scrub', { text: 'ann@example.org', session_id: 's' })
    for (const handle of [map_id, 'session:s', 'm_nothing']) {
      const answer = await call('POST /rehydrate', { map_id: handle, text: '[EMAIL_1B0B]' }, 'bob')
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'unknown_map', param: 'map_id' } } })
    }
  })

  test('is not guessed: after thirty misses in a minute a key waits, and others do not', async () => {
    const { call, clock } = createSmallPrivacyHouse()
    const { map_id } = (await call('POST /scrub', { text: 'ann@example.org' })).body
    const guess = async () => (await call('POST /rehydrate', { map_id: 'm_guess', text: 'x' })).status
    for (let n = 0; n < maxMisses; n++) expect(await guess()).toBe(404)
    const waiting = await call('POST /rehydrate', { map_id, text: 'x' })
    expect(waiting).toMatchObject({ status: 429, body: { error: { code: 'too_many_misses' } } })
    expect(waiting.headers.get('retry-after')).toBe('60')
    expect((await call('POST /rehydrate', { map_id: 'm_guess', text: 'x' }, 'bob')).status).toBe(404)
    clock.at += 60_000
    expect((await call('POST /rehydrate', { map_id, text: '[EMAIL_1B0B]' })).body.text).toBe('ann@example.org')
  })
})

describe('what the house keeps', () => {
  test('is seen and destroyed by whose it is, and by an admin', async () => {
    const { call, told } = createSmallPrivacyHouse()
    await call('POST /scrub', { text: 'ann@example.org' }, 'ada')
    await call('POST /scrub', { text: 'ann@example.org' }, 'bob')
    const idsOf = async (who: string) =>
      (await call('GET /v1/privacy/scopes', undefined, who)).body.data.map(({ id }: { id: string }) => id)
    expect(await idsOf('ada')).toEqual(['s0'])
    expect(await idsOf('admin')).toEqual(['s0', 's1'])
    expect((await call('DELETE /v1/privacy/scopes/s1', undefined, 'ada')).status).toBe(404)
    expect((await call('DELETE /v1/privacy/scopes/s1', undefined, 'admin')).body).toEqual({ id: 's1', shredded: true })
    expect((await call('DELETE /v1/privacy/scopes/s0', undefined, 'ada')).status).toBe(200)
    expect(await idsOf('admin')).toEqual([])
    expect(told.map(({ action, target }) => [action, target])).toEqual([
      ['privacy.shred', 's1'],
      ['privacy.shred', 's0'],
    ])
  })

  test('of what left is told page by page: own rows for a key, all for an admin', async () => {
    const row = (n: number, more: Partial<StoredDeparture>): StoredDeparture => ({
      id: `dep_${n}`,
      at: smallStart + Math.floor(n / 2),
      request: requestId(`req_${n}`),
      owner: keyId('ada'),
      destination: 'vendor',
      path: '/chat/completions',
      bytes: 100,
      data: ['text'],
      policy: 'default',
      verdict: 'sent',
      reason: null,
      counts: { EMAIL: n },
      ...more,
    })
    const refused = row(4, { verdict: 'refused', reason: 'leak_blocked', destination: 'other' })
    const { call } = createSmallPrivacyHouse({
      departures: [row(1, {}), row(2, {}), row(3, { owner: keyId('bob') }), refused],
    })
    const page = async (query: string, who = 'admin') =>
      (await call(`GET /v1/privacy/departures${query}`, undefined, who)).body
    const requests = ({ data }: { data: { request: string }[] }) => data.map(({ request }) => request)
    const first = await page('?limit=3')
    expect(requests(first)).toEqual(['req_4', 'req_3', 'req_2'])
    expect(requests(await page(`?limit=3&cursor=${first.next}`))).toEqual(['req_1'])
    expect(requests(await page('', 'bob'))).toEqual(['req_3'])
    expect(requests(await page('?verdict=refused'))).toEqual(['req_4'])
    expect(requests(await page('?destination=vendor', 'ada'))).toEqual(['req_2', 'req_1'])
    expect((await page('?verdict=refused')).data[0]).toEqual({
      at: '2030-01-01T00:00:00.002Z',
      request: 'req_4',
      owner: 'ada',
      destination: 'other',
      path: '/chat/completions',
      bytes: 100,
      data: ['text'],
      policy: 'default',
      verdict: 'refused',
      reason: 'leak_blocked',
      counts: { EMAIL: 4 },
    })
    expect((await page('?cursor=x')).error.param).toBe('cursor')
    expect((await page('?verdict=maybe')).error.message).toContain('sent, refused')
  })
})

describe('how the house is set', () => {
  test('policies tell what they do in sentences, and one that an admin sets is written down', async () => {
    const { call, told } = createSmallPrivacyHouse()
    const { data } = (await call('GET /v1/privacy/policies')).body
    expect(data.map(({ name, isDefault, upstreams }: never) => [name, isDefault, upstreams])).toEqual([
      ['default', true, []],
      ['strict', false, ['vendor']],
      ['mails', false, []],
    ])
    expect(data[0].words).toEqual([
      'Text leaves with identifiers replaced, and they are put back into the answer.',
      'Only names that the house knows are found; others leave as they are.',
      'Transcripts, recordings, images and files stay in the house.',
      'Keys and passwords are never put back.',
    ])
    expect(data[1].words[0]).toBe('Text is refused, for no recogniser looks for names.')
    const rules = { cloud: { image: 'raw' }, urls: 'all', minScore: 0.4 }
    expect((await call('PUT /v1/privacy/policies/new', rules)).status).toBe(403)
    const set = await call('PUT /v1/privacy/policies/new', rules, 'admin')
    expect(set.body).toMatchObject({ name: 'new', cloud: { image: 'raw', text: 'scrub' }, urls: 'all', minScore: 0.4 })
    expect(set.body.words).toContain('Images may leave as they are.')
    expect(set.body.version).not.toBe(data[0].version)
    expect(told).toMatchObject([{ action: 'privacy.policy', target: 'new', detail: JSON.stringify(rules) }])
    expect((await call('PUT /v1/privacy/policies/strict', {}, 'admin')).status).toBe(409)
    expect((await call('PUT /v1/privacy/policies/new', { minScore: 3 }, 'admin')).body.error.param).toBe('minScore')
    expect(told).toHaveLength(1)
  })

  test('lists are for admins; what is not given stays, and only counts are written down', async () => {
    const { call, told } = createSmallPrivacyHouse()
    expect((await call('GET /v1/privacy/lists')).status).toBe(403)
    const put = await call('PUT /v1/privacy/lists', { deny: [{ kind: 'text', value: 'Falcon' }] }, 'admin')
    expect(put.body).toEqual({
      version: 1,
      directory: [{ value: 'Ann Lee', type: 'PERSON' }],
      deny: [{ kind: 'text', value: 'Falcon' }],
      allow: [],
      automatic: [{ value: 'gpu-box', type: 'HOST' }],
    })
    expect(told).toMatchObject([{ action: 'privacy.lists', detail: 'directory: 1, deny: 1, allow: 0' }])
    const wrong = await call('PUT /v1/privacy/lists', { directory: [{ value: 'x', type: 'MAN' }] }, 'admin')
    expect(wrong.body.error.message).toContain('there is no type “MAN”')
  })

  test('the status says in words what that means', async () => {
    const { call, vault } = createSmallPrivacyHouse()
    vault.lock = 'The key is missing.'
    const plain = (await call('GET /v1/privacy/status')).body
    expect(plain).toMatchObject({ cloudText: 'scrub', names: 'known-names', recogniser: null, lists: { directory: 1 } })
    expect(plain.words).toContain('Nothing may leave for clouds: The key is missing.')
    const recogniser = {
      url: 'http://127.0.0.1:1',
      kind: 'presidio',
      timeoutMs: 1,
      minScore: 0.5,
      language: 'en',
    } as const
    const { call: other } = createSmallPrivacyHouse({
      settings: { ...smallSettings, recogniser: { ...recogniser, entities: [] } },
    })
    expect((await other('GET /v1/privacy/status')).body).toMatchObject({
      names: 'recogniser',
      recogniser: { isReachable: false, detail: 'The recogniser does not answer.' },
    })
  })

  test('a leak test is for admins, and one at a time', async () => {
    const { call, told } = createSmallPrivacyHouse()
    expect((await call('POST /v1/privacy/leak-test', {})).status).toBe(403)
    expect((await call('POST /v1/privacy/leak-test', {}, 'admin')).status).toBe(503)
    expect((await call('POST /v1/privacy/leak-test', { cases: 10_001 }, 'admin')).body.error.param).toBe('cases')
    expect(told).toEqual([])
  })
})
