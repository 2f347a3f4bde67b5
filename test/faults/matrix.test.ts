/**
 * Every fault of an upstream, with and without streaming, in every dialect of callers and of upstreams: the caller gets
 * the right status and a well-formed end, the row tells how it went, and nothing is left in flight.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { apis, type Api } from '#protocol/conversation/dialect.ts'
import { openGatewayAlone, type GatewayAlone } from '../env/gateway-alone.ts'
import { until } from '../env/until.ts'
import { callers, endingOf, type CallerName } from '../env/dialect-callers.ts'
import { ollamaCallers, ollamaEndingOf, type OllamaCallerName } from '../env/ollama-callers.ts'
import { answersOf } from '../fakes/dialect-answers.ts'
import { faults, type Fault } from '../fakes/faulty-answers.ts'
import { startRawServer, type RawServer } from '../fakes/raw-http.ts'

let gateway: GatewayAlone
const servers: RawServer[] = []
let inFlight = 0

beforeAll(async () => {
  const upstreams = await Promise.all(
    apis.map(async (api) => {
      const server = await startRawServer({
        onRequest(request, answer) {
          if (request.method === 'GET') return answer.reset()
          inFlight++
          const over = (act: () => void) => () => {
            inFlight--
            act()
          }
          answer.onHangUp(over(() => {}))
          const { model, stream } = JSON.parse(Buffer.from(request.body).toString()) as Asked
          const fault = faults.find(({ name }) => name === model.split('--')[0])
          if (fault === undefined) throw new Error(`no fault is called ${model}`)
          const wire = { ...answer, end: over(answer.end), done: over(answer.done), reset: over(answer.reset) }
          void fault.play({
            answer: { ...wire, isClosed: false },
            isClosed: () => answer.isClosed,
            says: answersOf(model)[api],
            isStream: stream === true,
          })
        },
      })
      servers.push(server)
      const baseUrl = `http://127.0.0.1:${server.port}/v1`
      return {
        name: api,
        baseUrl,
        locality: 'lan',
        headers: {},
        models: ['*'],
        splitThink: false,
        apis: [api],
      } as const
    }),
  )
  const gone = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const goneUrl = `http://127.0.0.1:${gone.port}/v1`
  await gone.stop(true)
  const nobody = apis.map(
    (api) =>
      ({
        name: `gone-${api}`,
        baseUrl: goneUrl,
        locality: 'lan',
        headers: {},
        models: ['*'],
        splitThink: false,
        apis: [api],
      }) as const,
  )
  gateway = await openGatewayAlone({
    upstreams: [...upstreams, ...nobody],
    limits: { responseBodyBytes: 100_000, deadlines: { firstByteMs: 600, idleMs: 600, totalMs: 20_000 } },
  })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  for (const server of servers) await server[Symbol.asyncDispose]()
})

interface Asked {
  readonly model: string
  readonly stream?: boolean
}

interface Case {
  readonly fault: Fault
  readonly caller: CallerName | OllamaCallerName
  readonly api: Api
  readonly isStream: boolean
}

const all = { ...callers, ...ollamaCallers }
const names = Object.keys(all) as (keyof typeof all)[]
const isOllama = (caller: keyof typeof all): caller is OllamaCallerName => caller in ollamaCallers
let count = 0

async function run({ fault, caller, api, isStream }: Case): Promise<string> {
  const upstream = fault.name === 'refused' ? `gone-${api}` : api
  const model = `${upstream}/${fault.name}--${++count}`
  const { path, body } = all[caller]
  const response = await fetch(`${isOllama(caller) ? gateway.ollamaUrl : gateway.url}${path}`, {
    method: 'POST',
    body: JSON.stringify({ ...body, model, stream: isStream }),
  })
  const got = { isStream, status: response.status, text: await response.text() }
  const ending = isOllama(caller) ? ollamaEndingOf(caller, got) : endingOf(caller, got)
  await until('its row is written', () => gateway.rows.some((row) => row.model === model))
  const row = gateway.rows.find((each) => each.model === model)
  return `${response.status} ${ending} ${row?.outcome}`
}

function wanted({ fault, isStream }: Case): string {
  const outcome = isStream ? fault.stream : fault.whole
  if (outcome === 'answer') return '200 complete complete'
  if (outcome === 'broken') return '200 error incomplete'
  return `${outcome} error failed`
}

describe.each(faults.map((fault) => [fault.name, fault] as const))('an upstream that %s', (_, fault) => {
  test('is told right to every dialect, and nothing is left of it', async () => {
    // One caller's at a time: some of these answers are large, and the deadlines are short.
    for (const caller of names) {
      const cases = apis.flatMap((api) => [false, true].map((isStream): Case => ({ fault, caller, api, isStream })))
      const results = await Promise.all(
        cases.map(async (each) => {
          const title = `${each.caller} of ${each.api}${each.isStream ? ' streamed' : ''}: `
          return { got: title + (await run(each)), wanted: title + wanted(each) }
        }),
      )
      expect(results.map(({ got }) => got)).toEqual(results.map((result) => result.wanted))
    }
    await until('nothing is in flight', () => gateway.held === 0 && gateway.open === 0 && inFlight === 0)
  }, 60_000)
})
