import { describe, expect, test } from 'bun:test'
import { forEachDatabase } from '../../test/env/databases.ts'
import { until } from '../../test/env/until.ts'
import { AppError } from '#kernel/errors.ts'
import { keyId } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { noCounts, type Json } from '#protocol/conversation/conversation.ts'
import { responsesCaller } from '#protocol/openai/responses/caller.ts'
import { createKyselyResponseStore } from './adapters/kysely-response-store.ts'
import { responsesRoutes } from './http/responses.ts'
import { migrations } from './migrations/index.ts'
import type { ResponseStore } from './ports.ts'
import { BackgroundRuns } from './service/responses/background-runs.ts'
import { responsesLane } from './service/answering/lanes.ts'
import { preparedAsk } from './service/responses/stored-responses-ask.ts'
import { responseTasks } from './service/responses/stored-responses-tasks.ts'
import { StoredResponses, type ResponseSettings } from './service/responses/stored-responses.ts'

const callerOf = (name: string): Caller => ({
  key: keyId(name.padEnd(12, 'x')),
  name,
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
})
const mine = callerOf('mine')
const theirs = callerOf('theirs')
const dayMs = 86_400_000
const refusedWith = (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown)

/** An answer to a prepared request, as the data plane writes it. */
function answerTo(body: Json, words = 'Hello'): Json {
  const facts = {
    conversation: responsesCaller.readRequest({ model: 'm', ...body }),
    newId: newWireId,
    createdAt: 1_700_000_000,
    elapsedMs: () => 0,
    wantsUsage: true,
  }
  const parts = [{ kind: 'text', text: words }] as const
  const finish = { reason: 'stop', sequence: null } as const
  return responsesCaller.writeAnswer({ id: null, model: null, parts, finish, usage: noCounts }, facts)
}

function open(store: ResponseStore, more: Partial<ResponseSettings> = {}) {
  const time = { now: 1_900_000_000_000 }
  const settings: ResponseSettings = {
    isStoring: true,
    retentionDays: 30,
    bodyBytes: 10_000,
    background: 2,
    conversationBytes: 50_000,
    ...more,
  }
  const parts = {
    store,
    clock: { now: () => time.now, mono: () => time.now },
    log: silentLogger,
    newId: newWireId,
    settings: () => settings,
  }
  const responses = new StoredResponses(parts)
  const background = new BackgroundRuns({ ...parts, responses, isAlone: true })
  const tasks = responseTasks({ ...parts, background })
  /** Asks and keeps, as the data plane does. */
  const say = async (body: Json, words?: string, caller = mine): Promise<Json> => {
    const prepared = await responses.prepare(caller, { model: 'm', ...body })
    const response = answerTo(prepared.body, words)
    responses.keep(caller, prepared, response)
    return response
  }
  const activate = async (name: string): Promise<string | null> => {
    const task = tasks.find((each) => each.name === name)
    return (await task?.activate(new AbortController().signal)) ?? null
  }
  return { time, parts, responses, background, say, activate }
}

const textsIn = (items: unknown): readonly unknown[] =>
  (items as readonly Json[]).map((item) => (item.content as readonly Json[])[0]?.text)

forEachDatabase('kept responses', (engine) => {
  const openStore = async (): Promise<ResponseStore> => {
    const database = await engine.open()
    await database.migrate('gateway', migrations)
    return createKyselyResponseStore(database)
  }
  const house = async (more: Partial<ResponseSettings> = {}) => open(await openStore(), more)

  test('are what the next request rests on, from the first word to the last', async () => {
    const { responses, say } = await house()
    const first = await say({ input: 'one', instructions: 'Only here.' }, 'a')
    const second = await say({ input: 'two', previous_response_id: first.id }, 'b')
    // Once from the queue, once from the database.
    for (const _ of [1, 2]) {
      const { body, edits, members } = await responses.prepare(mine, {
        model: 'm',
        input: 'three',
        previous_response_id: second.id,
      })
      expect(textsIn(body.input)).toEqual(['one', 'a', 'two', 'b', 'three'])
      expect(body.instructions).toBeUndefined()
      expect(JSON.parse(edits['input'] ?? '')).toEqual(body.input)
      expect(edits).toMatchObject({ store: 'false', previous_response_id: 'null' })
      expect(members).toEqual({ store: true, previous_response_id: second.id as string, background: false })
      await responses[Symbol.asyncDispose]()
    }
  })

  test('are nobody else’s', async () => {
    const { responses, say } = await house()
    const { id } = await say({ input: 'one' })
    const asked = { model: 'm', input: 'x', previous_response_id: id }
    expect(await refusedWith(responses.prepare(theirs, asked))).toMatchObject({
      kind: 'not_found',
      reason: 'previous_response_not_found',
      param: 'previous_response_id',
    })
    expect(await refusedWith(responses.read(theirs, String(id)))).toMatchObject({ kind: 'not_found' })
    expect(await refusedWith(responses.remove(theirs, String(id)))).toMatchObject({ kind: 'not_found' })
    expect(JSON.parse(await responses.read(mine, String(id)))).toMatchObject({ id, status: 'completed' })
  })

  test('are forgotten when they are deleted, and what rests on them says so', async () => {
    const { responses, say } = await house()
    const first = await say({ input: 'one' })
    const second = await say({ input: 'two', previous_response_id: first.id })
    await responses.remove(mine, String(first.id))
    expect(await refusedWith(responses.read(mine, String(first.id)))).toMatchObject({ reason: 'response_not_found' })
    const asked = { model: 'm', input: 'x', previous_response_id: second.id }
    expect(await refusedWith(responses.prepare(mine, asked))).toMatchObject({
      reason: 'previous_response_not_found',
      message: expect.stringContaining(String(first.id)),
    })
  })

  test('give the items that a request refers to, wherever it found them', async () => {
    const { responses, say } = await house()
    const first = await say({ input: 'one' }, 'a')
    const item = (first.output as readonly Json[])[0]
    const input = [{ role: 'user', content: 'one' }, { type: 'item_reference', id: item?.id }, { id: item?.id }]
    for (const _ of [1, 2]) {
      const { body } = await responses.prepare(mine, { model: 'm', input })
      expect(textsIn(body.input)).toEqual(['one', 'a', 'a'])
      await responses[Symbol.asyncDispose]()
    }
    const both = await responses.prepare(mine, { model: 'm', input, previous_response_id: first.id })
    expect(textsIn(both.body.input)).toEqual(['one', 'a', 'one'])
    expect(await refusedWith(responses.prepare(theirs, { model: 'm', input }))).toMatchObject({
      reason: 'item_not_found',
      param: 'input[1]',
    })
  })

  test('list the items they were made from, page by page', async () => {
    const { responses, say } = await house()
    const first = await say({ input: 'one' }, 'a')
    const second = await say({ input: [{ role: 'user', content: 'two' }], previous_response_id: first.id })
    const ask = { limit: 2, after: null, order: 'desc' } as const
    const page = await responses.inputItems(mine, String(second.id), ask)
    expect([textsIn(page.data), page.has_more]).toEqual([['two', 'a'], true])
    const rest = await responses.inputItems(mine, String(second.id), { ...ask, after: String(page.last_id) })
    expect([textsIn(rest.data), rest.has_more]).toEqual([['one'], false])
    const other = await responses.inputItems(mine, String(second.id), { ...ask, limit: 9, order: 'asc' })
    expect(textsIn(other.data)).toEqual(['one', 'a', 'two'])
    const unknown = responses.inputItems(mine, String(second.id), { ...ask, after: 'msg_0' })
    expect(await refusedWith(unknown)).toMatchObject({ kind: 'invalid', param: 'after' })
  })

  test('are deleted when their time is over', async () => {
    const { responses, say, time, activate } = await house()
    const old = await say({ input: 'one' })
    await responses[Symbol.asyncDispose]()
    time.now += 30 * dayMs + 1
    const young = await say({ input: 'two' })
    await responses[Symbol.asyncDispose]()
    expect(await activate('gateway-response-retention')).toBe('deleted 1 responses older than 30 days')
    expect(await refusedWith(responses.read(mine, String(old.id)))).toMatchObject({ kind: 'not_found' })
    expect(await responses.read(mine, String(young.id))).toContain(String(young.id))
  })

  describe('in the background', () => {
    const request = new Request('http://house/v1/responses', { method: 'POST', headers: { authorization: 'Bearer k' } })
    const ask = (body: Json, run: (request: Request) => Promise<Response>, caller = mine) => {
      const whole = { model: 'm', background: true, ...body }
      return { caller, request, bytes: new TextEncoder().encode(JSON.stringify(whole)), body: whole, run }
    }
    /** The data plane, with an answer that comes when it is let go. */
    const plane = () => {
      const seen: Request[] = []
      const gate = Promise.withResolvers<void>()
      const run = async (again: Request): Promise<Response> => {
        seen.push(again)
        const body = (await again.clone().json()) as Json
        const gone = new Promise<never>((_, reject) =>
          again.signal.addEventListener('abort', () => reject(new Error())),
        )
        await Promise.race([gate.promise, gone])
        const response = answerTo(body, 'late')
        return new Response(
          `: waiting\n\nevent: response.completed\ndata: ${JSON.stringify({ type: 'response.completed', response })}\n\n`,
        )
      }
      return { seen, letGo: gate.resolve, run }
    }
    const statusOf = async (background: BackgroundRuns, id: unknown): Promise<unknown> =>
      (JSON.parse(await background.read(mine, String(id))) as Json).status

    test('run on after they were queued, and are kept under the id that was told', async () => {
      const { responses, background, say } = await house()
      const { seen, letGo, run } = plane()
      const first = await say({ input: 'one' })
      const queued = await background.start(ask({ input: 'two', previous_response_id: first.id }, run))
      expect(queued).toMatchObject({ status: 'queued', background: true, store: true, output: [] })
      expect(await statusOf(background, queued.id)).toBe('in_progress')
      await until('the data plane is asked', () => seen.length === 1)
      const again = (await seen[0]?.clone().json()) as Json
      expect(again).toMatchObject({ background: false, store: false, stream: true, previous_response_id: first.id })
      expect(seen[0]?.headers.get('authorization')).toBe('Bearer k')
      letGo()
      await until('it is made', async () => (await statusOf(background, queued.id)) === 'completed')
      const ended = JSON.parse(await responses.read(mine, String(queued.id))) as Json
      expect(ended).toMatchObject({ id: queued.id, background: true, previous_response_id: first.id, store: true })
      expect(textsIn(ended.output)).toEqual(['late'])
      const next = await responses.prepare(mine, { model: 'm', input: 'three', previous_response_id: queued.id })
      expect(textsIn(next.body.input)).toEqual(['one', 'Hello', 'two', 'late', 'three'])
      expect(await refusedWith(background.read(theirs, String(queued.id)))).toMatchObject({ kind: 'not_found' })
    })

    test('are cancelled, once and for good', async () => {
      const { background } = await house()
      const { seen, run } = plane()
      const { id } = await background.start(ask({ input: 'x' }, run))
      await until('the data plane is asked', () => seen.length === 1)
      expect(JSON.parse(await background.cancel(mine, String(id)))).toMatchObject({ id, status: 'cancelled' })
      expect(seen[0]?.signal.aborted).toBe(true)
      expect(background.count).toBe(0)
      expect(JSON.parse(await background.cancel(mine, String(id)))).toMatchObject({ status: 'cancelled' })
      expect(await statusOf(background, id)).toBe('cancelled')
    })

    test('cannot be cancelled where they were none', async () => {
      const { background, say } = await house()
      const { id } = await say({ input: 'x' })
      expect(await refusedWith(background.cancel(mine, String(id)))).toMatchObject({ reason: 'not_in_background' })
      expect(await refusedWith(background.cancel(mine, 'resp_0'))).toMatchObject({ kind: 'not_found' })
    })

    test.each([
      [
        'a refusal',
        () => Response.json({ error: { message: 'The model "m" does not exist here.' } }, { status: 404 }),
        'The model "m" does not exist here.',
      ],
      ['a stream that broke off', () => new Response(': waiting\n\n'), 'The answer broke off.'],
      ['an error event', () => new Response('event: error\ndata: {"type":"error","message":"Gone."}\n\n'), 'Gone.'],
    ])('fail with the words of %s', async (_, respond, message) => {
      const { background } = await house()
      const { id } = await background.start(ask({ input: 'x' }, async () => respond()))
      await until('it has failed', async () => (await statusOf(background, id)) === 'failed')
      expect(JSON.parse(await background.read(mine, String(id)))).toMatchObject({ error: { message } })
    })

    test('are refused where they could not be asked for', async () => {
      const { background } = await house()
      const { run } = plane()
      const start = (body: Json) => refusedWith(background.start(ask(body, run)))
      expect(await start({ input: 'x', store: false })).toMatchObject({ kind: 'invalid', param: 'store' })
      expect(await start({ input: 'x', stream: true })).toMatchObject({ kind: 'invalid', param: 'stream' })
      expect(await start({ input: 'x'.repeat(20_000) })).toMatchObject({ kind: 'invalid', param: 'input' })
      expect(await start({ input: 'x', previous_response_id: 'resp_0' })).toMatchObject({ kind: 'not_found' })
      const off = await house({ isStoring: false })
      expect(await refusedWith(off.background.start(ask({ input: 'x' }, run)))).toMatchObject({ param: 'background' })
      expect(background.count).toBe(0)
    })

    test('are as many at once as the operator says', async () => {
      const { background } = await house()
      const { run, letGo } = plane()
      const started = await Promise.all(
        [1, 2, 3, 4].map(() => background.start(ask({ input: 'x' }, run)).catch((error: AppError) => error.reason)),
      )
      expect(started.filter((each) => each === 'background_full')).toHaveLength(2)
      letGo()
      await until('all have ended', () => background.count === 0)
    })

    test('have failed when the house that made them was closed', async () => {
      const { background } = await house()
      const { id } = await background.start(ask({ input: 'x' }, plane().run))
      await background[Symbol.asyncDispose]()
      expect(JSON.parse(await background.read(mine, String(id)))).toMatchObject({
        status: 'failed',
        error: { message: expect.stringContaining('closed') },
      })
    })

    test('have failed when the house that made them was killed', async () => {
      const store = await openStore()
      const before = open(store)
      const { run } = plane()
      const { id } = await before.background.start(ask({ input: 'x' }, run))
      // Another process on the same database: nothing was said about an end.
      const after = open(store)
      expect(await statusOf(after.background, id)).toBe('in_progress')
      expect(await after.activate('gateway-background-responses')).toBe('1 were left behind by a process that is gone')
      expect(await statusOf(after.background, id)).toBe('failed')
      await before.background[Symbol.asyncDispose]()
    })

    test('go on being alive while their process says so', async () => {
      const store = await openStore()
      const one = open(store)
      const other = new BackgroundRuns({ ...one.parts, responses: one.responses, isAlone: false })
      const { run } = plane()
      const { id } = await one.background.start(ask({ input: 'x' }, run))
      one.time.now += 50_000
      await one.background.renew()
      one.time.now += 50_000
      expect([await other.sweep(), await statusOf(other, id)]).toEqual([0, 'in_progress'])
      one.time.now += 50_000
      // Nobody wrote it down yet, and it is told all the same.
      expect(await statusOf(other, id)).toBe('failed')
      expect(await other.sweep()).toBe(1)
      await one.background[Symbol.asyncDispose]()
    })
  })
})

/** A store without a database, that fails as often as it is told. */
function failing(times: number): ResponseStore & { readonly saved: string[] } {
  const saved: string[] = []
  let left = times
  return {
    saved,
    save: async (kept) => {
      if (left-- > 0) throw new AppError('unavailable', 'The database does not answer.')
      saved.push(...kept.map(({ id }) => id))
    },
    find: async () => null,
    chain: async () => [],
    holding: async () => [],
    remove: async () => false,
    renew: async () => {},
    abandoned: async () => [],
    deleteBefore: async () => 0,
  }
}

describe('what is kept', () => {
  test('is written although the database failed once', async () => {
    const store = failing(1)
    const { responses, say } = open(store)
    const { id } = await say({ input: 'x' })
    expect(JSON.parse(await responses.read(mine, String(id)))).toMatchObject({ id })
    await until('it is written', () => store.saved.includes(String(id)))
  })

  test('costs no answer when the database fails for good', async () => {
    const { responses, say } = open(failing(1000))
    const { id } = await say({ input: 'x' })
    expect(typeof id).toBe('string')
    await responses[Symbol.asyncDispose]()
    expect(await refusedWith(responses.read(mine, String(id)))).toMatchObject({ kind: 'not_found' })
  })

  test.each([
    ['store: false', {}, { input: 'x', store: false }, {}],
    ['a house that keeps nothing', { isStoring: false }, { input: 'x', store: true }, { store: 'false' }],
    ['a house that keeps nothing, unasked', { isStoring: false }, { input: 'x' }, { store: 'false' }],
  ])('is nothing with %s, and the answer says so', async (_, settings, body, edits) => {
    const store = failing(0)
    const { responses, say } = open(store, settings)
    expect(await responses.prepare(mine, { model: 'm', ...body })).toMatchObject({
      isKept: false,
      members: null,
      edits,
      body: { store: false },
    })
    expect(await say(body)).toMatchObject({ store: false })
    await responses[Symbol.asyncDispose]()
    expect(store.saved).toEqual([])
  })

  test('is nothing that is larger than the operator says', async () => {
    const store = failing(0)
    const { responses, say } = open(store, { bodyBytes: 2000 })
    expect(await say({ input: 'x'.repeat(3000) })).toMatchObject({ store: false })
    expect(await say({ input: 'x' }, 'y'.repeat(3000))).toMatchObject({ store: true })
    const small = await say({ input: 'x' })
    await responses[Symbol.asyncDispose]()
    expect(store.saved).toEqual([String(small.id)])
  })

  test('rests on no more than a request may be', async () => {
    const { responses, say } = open(failing(0), { conversationBytes: 3000 })
    const { id } = await say({ input: 'x'.repeat(2500) })
    const asked = { model: 'm', input: 'y', previous_response_id: id }
    expect(await refusedWith(responses.prepare(mine, asked))).toMatchObject({ kind: 'too_large' })
  })

  test('leaves out thoughts of which nothing but the id is there', async () => {
    const { responses } = open(failing(0))
    const prepared = await responses.prepare(mine, { model: 'm', input: 'x' })
    const bare = { type: 'reasoning', id: 'rs_1', summary: [] }
    const sealed = { ...bare, id: 'rs_2', encrypted_content: 'sealed' }
    responses.keep(mine, prepared, { id: 'resp_1', status: 'completed', output: [bare, sealed] })
    const next = await responses.prepare(mine, { model: 'm', input: 'y', previous_response_id: 'resp_1' })
    expect((next.body.input as readonly Json[]).map((item) => item.id)).toContain('rs_2')
    expect((next.body.input as readonly Json[]).map((item) => item.id)).not.toContain('rs_1')
  })

  test('is nothing that failed to rest on', async () => {
    const { responses } = open(failing(0))
    const prepared = await responses.prepare(mine, { model: 'm', input: 'x' })
    responses.keep(mine, prepared, { id: 'resp_1', status: 'failed', output: [] })
    const asked = { model: 'm', input: 'y', previous_response_id: 'resp_1' }
    expect(await refusedWith(responses.prepare(mine, asked))).toMatchObject({ reason: 'previous_response_unusable' })
  })

  test('is what the egress policy judges, too', async () => {
    const { responses, say } = open(failing(0))
    const picture = { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'auto' }
    const { id } = await say({ input: [{ role: 'user', content: [picture] }] })
    const body = { model: 'm', input: 'and now?', previous_response_id: id, big: 1 }
    const bytes = new TextEncoder().encode(JSON.stringify(body).replace('"big":1', '"big":12345678901234567890'))
    const ask = responsesLane.read(bytes)
    expect(ask.data).toEqual(['text'])
    const prepared = preparedAsk(ask, await responses.prepare(mine, ask.body), () => {})
    expect(prepared.ask.data).toEqual(['text', 'image'])
    const sent = new TextDecoder().decode(prepared.ask.bytes)
    expect(sent).toContain('"big":12345678901234567890')
    expect(JSON.parse(sent)).toMatchObject({ store: false, previous_response_id: null })
    expect(textsIn((JSON.parse(sent) as Json).input)).toEqual([undefined, 'Hello', 'and now?'])
  })

  test('passes as it came where nothing is to be done', async () => {
    const { responses } = open(failing(0))
    const bytes = new TextEncoder().encode('{ "model": "m", "input": "x", "store": false }')
    const ask = responsesLane.read(bytes)
    const prepared = preparedAsk(ask, await responses.prepare(mine, ask.body), () => {})
    expect([prepared.ask === ask, prepared.keeping]).toEqual([true, null])
  })
})

describe('the routes of kept responses', () => {
  const house = async () => {
    const { responses, background, say } = open(failing(0))
    const routes = responsesRoutes({ responses, background })
    const gate = { admit: () => mine }
    const handler = createRouter({ routes, gate, log: silentLogger, controlBodyBytes: 1000, fallback: () => null })
    const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
    const ask = async (method: string, path: string) => {
      const answer = await handler(new Request(`http://house/v1/responses/${path}`, { method }), at)
      return { status: answer.status, body: (await answer.json()) as Json }
    }
    return { ask, id: String((await say({ input: 'one' })).id) }
  }

  test('answer as OpenAI does', async () => {
    const { ask, id } = await house()
    expect(await ask('GET', id)).toMatchObject({ status: 200, body: { id, object: 'response' } })
    const items = await ask('GET', `${id}/input_items?limit=1&order=asc`)
    expect(items).toMatchObject({ status: 200, body: { object: 'list', has_more: false } })
    expect(textsIn(items.body.data)).toEqual(['one'])
    expect(await ask('POST', `${id}/cancel`)).toMatchObject({ status: 400 })
    expect(await ask('GET', 'resp_0')).toMatchObject({ status: 404, body: { error: { code: 'response_not_found' } } })
    expect(await ask('GET', `${id}?stream=true`)).toMatchObject({ status: 400, body: { error: { param: 'stream' } } })
    expect(await ask('GET', `${id}/input_items?limit=1000`)).toMatchObject({ status: 400 })
  })
})
