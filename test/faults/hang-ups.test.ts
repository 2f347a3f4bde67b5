/**
 * Callers of every way in that go away at random points: whoever answers them stops at once, each leaves one row, and
 * nothing stays behind. (What a whole house does then: test/e2e/hang-ups.test.ts.)
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { apis, type Api } from '#protocol/conversation/dialect.ts'
import { callers, type CallerName } from '../env/dialect-callers.ts'
import { openGatewayAlone, type GatewayAlone } from '../env/gateway-alone.ts'
import { openRaw, postText } from '../env/raw-client.ts'
import { seeded } from '../env/seed.ts'
import { until } from '../env/until.ts'
import { answersOf } from '../fakes/dialect-answers.ts'
import { startRawServer, type RawAnswer, type RawServer } from '../fakes/raw-http.ts'

/** What upstreams are doing: by model, whether they still work. */
const work = new Map<string, 'working' | 'left'>()
const servers: RawServer[] = []
let gateway: GatewayAlone

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const head = (type: string): string => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`

/** Begins after a moment, and goes on until nobody is there. */
function answerForEver(api: Api, model: string, answer: RawAnswer): void {
  const { events, firstWord } = answersOf(model)[api]
  const isSound = model.includes('sound')
  const isSilent = model.includes('silent')
  let told = 0
  const tell = (): void => {
    if (told === 0) answer.write(head(isSound ? 'audio/mpeg' : 'text/event-stream'))
    const event = told <= firstWord ? events[told] : events[firstWord]
    answer.write(chunk(isSound ? 'ID3' : (event ?? '')))
    told++
  }
  const timer = isSilent ? null : setInterval(tell, 3)
  answer.onHangUp(() => {
    if (timer !== null) clearInterval(timer)
    work.set(model, 'left')
  })
}

beforeAll(async () => {
  const upstreams = await Promise.all(
    apis.map(async (api) => {
      const server = await startRawServer({
        onRequest(request, answer) {
          const model = /m-[a-z]+-\d+/.exec(request.path + Buffer.from(request.body).toString())?.[0]
          if (model === undefined) return answer.reset()
          work.set(model, 'working')
          answerForEver(api, model, answer)
        },
      })
      servers.push(server)
      const baseUrl = `http://127.0.0.1:${server.port}/v1`
      const open = { headers: {}, models: ['*'], splitThink: false, locality: 'lan' } as const
      return { ...open, name: api, baseUrl, apis: [api] }
    }),
  )
  const deadlines = { firstByteMs: 60_000, idleMs: 60_000, totalMs: 120_000 }
  gateway = await openGatewayAlone({ upstreams, limits: { deadlines } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  for (const server of servers) await server[Symbol.asyncDispose]()
})

interface Way {
  readonly name: string
  /** The request of a caller that asks for this model, as it goes over the wire. */
  readonly text: (model: string) => string
  /** Part of the model's name: how the upstream behaves. */
  readonly manner: 'words' | 'silent' | 'sound'
  readonly api: Api
}

const post = (path: string, body: object): string => postText({ path, key: 'hk-test', body: JSON.stringify(body) })

const spoken = (Object.keys(callers) as CallerName[]).flatMap((caller) =>
  apis.flatMap((api) =>
    (['stream', 'whole', 'silent'] as const).map((how): Way => ({
      name: `${caller} of ${api}, ${how}`,
      text: (model) =>
        post(callers[caller].path, { ...callers[caller].body, model: `${api}/${model}`, stream: how !== 'whole' }),
      // An answer in one piece that never comes.
      manner: how === 'stream' ? 'words' : 'silent',
      api,
    })),
  ),
)
const speech = (manner: Way['manner']): Way => ({
  name: `speech, ${manner}`,
  text: (model) => post('/v1/audio/speech', { model: `chat/${model}`, input: 'Hi', voice: 'alloy' }),
  manner,
  api: 'chat',
})
const proxied = (manner: Way['manner']): Way => ({
  name: `an upstream's own path, ${manner}`,
  text: (model) => post(`/upstreams/chat/anything/${model}`, {}),
  manner,
  api: 'chat',
})
const opening: Way = {
  name: 'a session that is not open yet',
  text: (model) =>
    `GET /v1/realtime?model=chat/${model} HTTP/1.1\r\nhost: hearth\r\nauthorization: Bearer hk-test\r\n` +
    'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  manner: 'silent',
  api: 'chat',
}
const counting: Way = {
  name: 'a count of tokens',
  text: (model) =>
    post('/v1/messages/count_tokens', { ...callers.messages.body, max_tokens: undefined, model: `messages/${model}` }),
  manner: 'silent',
  api: 'messages',
}
const ways = [...spoken, speech('sound'), speech('silent'), proxied('words'), proxied('silent'), opening, counting]

const times = 12
let next = 0

test.each(ways.map((way) => [way.name, way] as const))('%s: who hangs up is not worked for', async (name, way) => {
  const random = seeded(`hang-ups of ${name}`)
  const rowsBefore = gateway.rows.length
  const one = async (): Promise<string> => {
    const model = `m-${way.manner}-${++next}`
    const connection = await openRaw(gateway.url)
    connection.send(way.text(model))
    await until('the upstream works for it', () => work.has(model))
    const bytes = Math.floor(random() * 3000)
    // A third goes before any byte; of those who wait for more, each at its own.
    if (way.manner !== 'silent' && random() < 0.7) await connection.until((received) => received.length > bytes)
    connection.hangUp()
    return model
  }
  const models = await Promise.all(Array.from({ length: times }, one))
  await until('every upstream was left', () => models.every((model) => work.get(model) === 'left'))
  await until('nothing is held or open', () => gateway.held === 0 && gateway.open === 0)
  const rows = gateway.rows.slice(rowsBefore)
  expect(rows.map(({ outcome, status, reason }) => `${outcome} ${status} ${reason}`)).toEqual(
    Array.from({ length: times }, () => 'aborted 499 client_gone'),
  )
  expect(new Set(rows.map(({ id }) => id)).size).toBe(times)
})

test('a key that is revoked ends all that runs for it, wherever it is', async () => {
  const random = seeded('revoked')
  const rowsBefore = gateway.rows.length
  // Counting is over in seconds, whoever asked.
  const running = ways
    .filter((way) => way !== counting)
    .map(async (way) => {
      const model = `m-${way.manner}-${++next}`
      const connection = await openRaw(gateway.url)
      connection.send(way.text(model))
      await until('the upstream works for it', () => work.has(model))
      const bytes = Math.floor(random() * 1500)
      if (way.manner !== 'silent') await connection.until((received) => received.length > bytes)
      return { way, model, connection }
    })
  const all = await Promise.all(running)
  gateway.revoke()
  for (const { way, model, connection } of all) {
    // What can be told is told; what is only bytes breaks off.
    const isTold = await connection.until(
      (received) => received.includes('revoked') || received.endsWith('\r\n0\r\n\r\n'),
    )
    const isBytes = /^(speech|an upstream)/.test(way.name) && way.manner !== 'silent'
    expect([way.name, isTold.includes('revoked') || isBytes]).toEqual([way.name, true])
    // Whoever has not begun to answer hears of it when it does: see src/platform/egress/README.md.
    if (way.manner !== 'silent') await until('the upstream is left', () => work.get(model) === 'left')
    connection.hangUp()
  }
  await until('nothing is held or open', () => gateway.held === 0 && gateway.open === 0)
  const rows = gateway.rows.slice(rowsBefore)
  expect(rows.map(({ endpoint, outcome, reason }) => `${endpoint} ${outcome} ${reason}`)).toEqual(
    rows.map(({ endpoint }) => `${endpoint} aborted key_revoked`),
  )
  expect(rows).toHaveLength(all.length)
}, 30_000)
