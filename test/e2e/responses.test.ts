import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { startGatewayHouse, type GatewayHouse } from '../env/gateway-house.ts'
import { startHouse, type House } from '../env/house.ts'
import { until } from '../env/until.ts'

/** OpenAI's own client against a whole house, whose upstream only speaks chat. */
describe('responses of a house', () => {
  let gateway: GatewayHouse
  let client: OpenAI
  const model = 'fake/echo'

  beforeAll(async () => {
    gateway = await startGatewayHouse()
    client = new OpenAI({ apiKey: gateway.house.adminKey, baseURL: `${gateway.house.url}/v1`, maxRetries: 0 })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  test('are answered, kept, continued, listed and forgotten', async () => {
    const first = await client.responses.create({ model, input: 'one' })
    expect(first).toMatchObject({ object: 'response', status: 'completed', store: true })
    expect(first.output_text).not.toBe('')
    const second = await client.responses.create({ model, input: 'two', previous_response_id: first.id })
    expect(second.previous_response_id).toBe(first.id)
    expect((await client.responses.retrieve(second.id)).output).toEqual(second.output)
    const items = []
    for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 1 })) items.push(item)
    expect(items.map((item) => ('role' in item ? item.role : item.type))).toEqual(['user', 'assistant', 'user'])
    await client.responses.delete(first.id)
    const gone = client.responses.create({ model, input: 'x', previous_response_id: second.id })
    expect(await gone.catch((thrown: unknown) => thrown)).toMatchObject({
      status: 404,
      code: 'previous_response_not_found',
    })
  })

  test('stream, and are kept when they are whole', async () => {
    const stream = client.responses.stream({ model, input: 'one' })
    const final = await stream.finalResponse()
    expect(final.status).toBe('completed')
    expect(final.output_text).not.toBe('')
    expect((await client.responses.retrieve(final.id)).output_text).toBe(final.output_text)
  })

  test('are kept for nobody where nothing is to be kept', async () => {
    const { id } = await client.responses.create({ model, input: 'one', store: false })
    expect(await client.responses.retrieve(id).catch((thrown: unknown) => thrown)).toMatchObject({ status: 404 })
  })

  test('run in the background', async () => {
    const queued = await client.responses.create({ model, input: 'one', background: true })
    expect(queued).toMatchObject({ status: 'queued', background: true })
    const read = () => client.responses.retrieve(queued.id)
    await until('it is made', async () => (await read()).status === 'completed')
    expect((await read()).output_text).not.toBe('')
    const next = await client.responses.create({ model, input: 'two', previous_response_id: queued.id })
    expect(next.status).toBe('completed')
  })

  test('have failed when the house that ran them was killed', async () => {
    gateway.upstream.play({ tokens: 5, tokenMs: 10_000, firstByteMs: 10_000 })
    const { id } = await client.responses.create({ model, input: 'one', background: true })
    expect((await client.responses.retrieve(id)).status).toBe('in_progress')
    const dropped = await client.responses.create({ model, input: 'two', background: true })
    expect((await client.responses.cancel(dropped.id)).status).toBe('cancelled')
    await gateway.house.kill()
    await gateway.house.restart()
    gateway.upstream.play({})
    client = new OpenAI({ apiKey: gateway.house.adminKey, baseURL: `${gateway.house.url}/v1`, maxRetries: 0 })
    await until('it has failed', async () => (await client.responses.retrieve(id)).status === 'failed')
    expect((await client.responses.retrieve(id)).error?.message).toContain('stopped')
    expect((await client.responses.retrieve(dropped.id)).status).toBe('cancelled')
  }, 60_000)

  test('say what cannot be translated', async () => {
    const asked = client.responses.create({ model, input: 'x', top_logprobs: 3 })
    expect(await asked.catch((thrown: unknown) => thrown)).toMatchObject({ status: 400, param: 'top_logprobs' })
  })
})

interface Asked {
  readonly store?: boolean
  readonly previous_response_id?: string | null
  readonly stream?: boolean
  readonly input: readonly unknown[] | string
}

/** An upstream that speaks Responses itself, has no memory, and refuses to be asked for one. */
function startResponsesUpstream() {
  const seen: Asked[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (request.method === 'GET') return Response.json({ object: 'list', data: [{ id: 'thinker' }] })
      if (!request.url.endsWith('/v1/responses')) return new Response(null, { status: 404 })
      const asked = (await request.json()) as Asked
      seen.push(asked)
      if (asked.store !== false || (asked.previous_response_id ?? null) !== null)
        return Response.json(
          { error: { message: 'I keep nothing.', type: 'x', code: 'x', param: 'store' } },
          { status: 400 },
        )
      const response = {
        ...{ id: `resp_up${seen.length}`, object: 'response', created_at: 1, status: 'completed', error: null },
        ...{ model: 'thinker', store: false, previous_response_id: null, incomplete_details: null, tools: [] },
        output: [
          { id: `rs_${seen.length}`, type: 'reasoning', summary: [], encrypted_content: 'sealed' },
          {
            ...{ id: `msg_${seen.length}`, type: 'message', role: 'assistant', status: 'completed' },
            content: [{ type: 'output_text', text: `answer ${seen.length}`, annotations: [], logprobs: [] }],
          },
        ],
        usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
        vendor_member: 1,
      }
      if (asked.stream !== true) return Response.json(response)
      const begun = { ...response, status: 'in_progress', output: [] }
      const events = [
        { type: 'response.created', sequence_number: 0, response: begun },
        ...response.output.flatMap((item, index) => [
          { type: 'response.output_item.added', sequence_number: index * 2 + 1, output_index: index, item },
          { type: 'response.output_item.done', sequence_number: index * 2 + 2, output_index: index, item },
        ]),
        { type: 'response.completed', sequence_number: 5, response },
      ]
      const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
      return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return { seen, url: `http://127.0.0.1:${server.port}/v1`, stop: () => server.stop(true) }
}

describe('responses of an upstream that speaks them', () => {
  const upstream = startResponsesUpstream()
  let house: House
  let client: OpenAI
  const model = 'own/thinker'

  beforeAll(async () => {
    house = await startHouse({
      config: `upstreams: [{ name: own, baseUrl: "${upstream.url}", apis: [responses], models: [thinker] }]\n`,
    })
    client = new OpenAI({ apiKey: house.adminKey, baseURL: `${house.url}/v1`, maxRetries: 0 })
  })
  afterAll(async () => {
    await house[Symbol.asyncDispose]()
    await upstream.stop()
  })

  test.each([false, true])(
    'are kept by the house, which asks for all of them each time (stream: %p)',
    async (isStream) => {
      const ask = async (body: { readonly input: string; readonly previous_response_id?: string }) =>
        isStream
          ? client.responses.stream({ model, ...body }).finalResponse()
          : client.responses.create({ model, ...body, stream: false })
      const first = await ask({ input: 'one' })
      expect(first).toMatchObject({ store: true, vendor_member: 1 })
      const second = await ask({ input: 'two', previous_response_id: first.id })
      expect(second).toMatchObject({ store: true, previous_response_id: first.id })
      expect(upstream.seen.at(-1)?.input).toMatchObject([
        { role: 'user' },
        { type: 'reasoning', encrypted_content: 'sealed' },
        { role: 'assistant' },
        { role: 'user' },
      ])
      expect(await client.responses.retrieve(second.id)).toMatchObject({
        previous_response_id: first.id,
        output_text: second.output_text,
      })
    },
  )

  test('pass as they come where nothing is kept', async () => {
    const answered = await client.responses.create({ model, input: 'one', store: false })
    expect(answered).toMatchObject({ store: false, vendor_member: 1 })
    expect(upstream.seen.at(-1)).toEqual({ model: 'thinker', input: 'one', store: false } as Asked)
  })
})
