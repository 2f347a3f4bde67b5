import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'
import { answersOf } from '../../test/fakes/dialect-answers.ts'
import { startRawServer, type RawAnswer, type RawServer } from '../../test/fakes/raw-http.ts'

type Play = (answer: RawAnswer) => void

let first: RawServer
let second: RawServer
let gateway: GatewayAlone
let asked: string[] = []
let hungUp: string[] = []
const plays: Record<'first' | 'second', Play> = { first: () => {}, second: () => {} }

const serve = (name: 'first' | 'second') =>
  startRawServer({
    onRequest(request, answer) {
      if (request.method === 'GET') return answer.reset()
      asked.push(name)
      answer.onHangUp(() => void hungUp.push(name))
      plays[name](answer)
    },
  })

beforeEach(async () => {
  asked = []
  hungUp = []
  first = await serve('first')
  second = await serve('second')
  const upstream = (name: string, { port }: RawServer) =>
    ({
      name,
      baseUrl: `http://127.0.0.1:${port}/v1`,
      locality: 'lan',
      headers: {},
      models: ['m', 'other'],
      splitThink: false,
      apis: ['chat'],
    }) as const
  const targets = [
    { upstream: 'first', model: 'm' },
    { upstream: 'second', model: 'm' },
  ]
  gateway = await openGatewayAlone({
    upstreams: [upstream('first', first), upstream('second', second)],
    routes: [
      { model: 'both', targets },
      {
        model: 'small',
        targets: [{ upstream: 'first', model: 'm' }],
        fallbacks: [{ on: ['context_length'], model: 'large' }],
      },
      { model: 'large', targets: [{ upstream: 'second', model: 'm' }] },
    ],
  })
})
afterEach(async () => {
  await until('nothing is held', () => gateway.held === 0 && gateway.open === 0)
  await gateway[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

const { chat } = answersOf('m')
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n'
const json = (status: number, body: string, more = ''): string =>
  `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`

const answers: Play = (answer) => {
  answer.write(streamHead + chat.events.join('') + chat.terminal)
  answer.end()
}
const answersWhole: Play = (answer) => {
  answer.write(json(200, chat.whole))
  answer.done()
}
const says =
  (text: string): Play =>
  (answer) => {
    answer.write(text)
    answer.done()
  }
const upTo =
  (events: number): Play =>
  (answer) => {
    answer.write(streamHead + chat.events.slice(0, events).join(''))
    answer.end()
  }

const ask = (model: string, more: object = {}, signal?: AbortSignal) => gateway.chat(model, more, signal)
const failures = () => gateway.rows[0]?.trace?.attempts.map(({ failure }) => failure)

describe('a stream', () => {
  test.each([
    ['resets before its head', (answer: RawAnswer) => answer.reset(), 'reset'],
    ['ends before its first word', upTo(1), 'broken'],
    [
      'tells an error before its first word',
      (answer: RawAnswer) => {
        answer.write(`${streamHead + chat.events[0]}data: {"error":{"message":"died"}}\n\n`)
        answer.end()
      },
      'server_error',
    ],
    ['answers 500', says(json(500, '{"error":{"message":"died"}}')), 'server_error'],
    ['is busy', says(json(429, '{"error":{"message":"full"}}')), 'rate_limited'],
  ] as const)('comes whole from the second target when the first one %s', async (_, play, failure) => {
    plays.first = play
    plays.second = answers
    const response = await ask('both', { stream: true })
    const text = await response.text()
    expect(text).toBe(chat.events.slice(0, -1).join('') + chat.terminal)
    expect(response.headers.get('x-hearth-route')).toStartWith('second/m; ')
    expect(failures()).toEqual([failure, null])
    expect(gateway.rows).toMatchObject([{ upstream: 'second', outcome: 'complete' }])
  })

  test('is not begun anew once its first word is out', async () => {
    plays.first = upTo(2)
    plays.second = answers
    const text = await (await ask('both', { stream: true })).text()
    expect(text).toContain('Hello')
    expect(text).toContain('stream_incomplete')
    expect(asked).toEqual(['first'])
    expect(gateway.rows).toMatchObject([{ upstream: 'first', outcome: 'incomplete' }])
  })

  test('that fails everywhere before a word is an error with a status', async () => {
    plays.first = upTo(1)
    plays.second = upTo(1)
    const response = await ask('both', { stream: true })
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'stream_incomplete' } })
    expect(new Set(asked)).toEqual(new Set(['first', 'second']))
  })

  test('that nobody waits for any more is left at once, before its first word', async () => {
    plays.first = upTo(0)
    plays.first = (answer) => answer.write(streamHead + chat.events[0])
    plays.second = answers
    const leaving = new AbortController()
    const response = ask('both', { stream: true }, leaving.signal).catch(() => 'left')
    await until('it is asked', () => asked.length === 1)
    leaving.abort()
    expect(await response).toBe('left')
    await until('the upstream is left', () => hungUp.includes('first'))
    expect(asked).toEqual(['first'])
    await until('the row is written', () => gateway.rows.length === 1)
    expect(gateway.rows).toMatchObject([{ outcome: 'aborted', reason: 'client_gone' }])
  })
})

describe('an answer without a word', () => {
  const empty = JSON.stringify({
    choices: [{ index: 0, message: { content: '' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 0 },
  })

  test('is asked for elsewhere', async () => {
    plays.first = says(json(200, empty))
    plays.second = answersWhole
    expect(await (await ask('both')).text()).toBe(chat.whole)
    expect(failures()).toEqual(['empty', null])
  })

  test('is given where nobody does better', async () => {
    plays.first = says(json(200, empty))
    plays.second = says(json(200, empty))
    const response = await ask('both')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(empty)
    expect(gateway.rows).toMatchObject([{ outcome: 'complete', ttftMs: null }])
  })

  test('is written down under the name of whoever gave it, though others were asked after it', async () => {
    plays.first = (answer) => says(asked.length === 1 ? json(200, empty) : json(404, '{}'))(answer)
    plays.second = says(json(500, '{}'))
    const response = await ask('both')
    expect([await response.text(), response.headers.get('x-hearth-route')]).toEqual([empty, 'first/m; priority 1 of 2'])
    expect(asked.at(-1)).toBe('second')
    expect(gateway.rows).toMatchObject([{ upstream: 'first', upstreamModel: 'm', outcome: 'complete' }])
  })

  test('is given as a stream where nobody does better', async () => {
    const nothing = `${chat.events[0]}${chat.events[3]}`
    plays.first = (answer) => {
      answer.write(streamHead + nothing + chat.terminal)
      answer.end()
    }
    plays.second = plays.first
    const response = await ask('both', { stream: true })
    expect(await response.text()).toBe(nothing + chat.terminal)
  })
})

describe('a refusal of the request', () => {
  test('that cannot be told to a target at all is written down as none of its answers', async () => {
    const body = JSON.stringify({ model: 'both', input: 'Hi', prompt: { id: 'pmpt_1' } })
    const response = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', body })
    expect([response.status, asked]).toEqual([400, []])
    expect(gateway.rows).toMatchObject([{ upstream: null, outcome: 'failed' }])
    expect(failures()).toEqual(['request'])
  })

  test('is nobody else’s business', async () => {
    plays.first = says(json(400, '{"error":{"message":"no such parameter"}}'))
    plays.second = answersWhole
    const response = await ask('both')
    expect(response.status).toBe(400)
    expect(asked).toEqual(['first'])
  })

  test('for its length goes to the model that the route names for that', async () => {
    const message = "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."
    plays.first = says(json(400, JSON.stringify({ error: { message, code: 'context_length_exceeded' } })))
    plays.second = answersWhole
    const response = await ask('small')
    expect(response.status).toBe(200)
    expect(response.headers.get('x-hearth-route')).toContain('fallback large after context_length')
  })
})
