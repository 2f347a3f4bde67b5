import { startOpenaiUpstream } from '../fakes/openai-upstream.ts'
import type { OpenaiUpstream, UpstreamOptions } from '../fakes/openai-upstream.ts'
import { startHouse } from './house.ts'
import type { House, HouseOptions } from './house.ts'
import { until } from './until.ts'

/** A Hearth with one upstream called `fake`, whose models are `fake/echo` and `fake/big/echo`. */
export interface GatewayHouse extends AsyncDisposable {
  readonly house: House
  readonly upstream: OpenaiUpstream
}

export interface GatewayHouseOptions extends HouseOptions {
  readonly upstream?: UpstreamOptions
}

export async function startGatewayHouse(options: GatewayHouseOptions = {}): Promise<GatewayHouse> {
  const upstream = await startOpenaiUpstream(options.upstream)
  const house = await startHouse({
    ...options,
    config: `${upstreamConfig(upstream)}${options.config ?? ''}`,
    env: { FAKE_KEY: upstream.key, ...options.env },
  }).catch(async (error: unknown) => {
    await upstream[Symbol.asyncDispose]()
    throw error
  })
  return {
    house,
    upstream,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
    },
  }
}

export function upstreamConfig(upstream: OpenaiUpstream): string {
  return `upstreams:
  - name: fake
    kind: openai
    baseUrl: ${upstream.url}
    apiKey: \${FAKE_KEY}
    models: [echo, big/echo]
`
}

export function chatBody(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ model: 'fake/echo', messages: [{ role: 'user', content: 'hello' }], ...more })
}

/** The body of an OpenAI error, with what may stand beside `error`. */
export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly code: string
    readonly param: string | null
  }
}

/** Rows of the request ledger as the API shows them. */
export interface RequestRow {
  readonly id: string
  readonly key: string
  readonly model: string
  readonly status: number
  readonly outcome: string
}

export async function requestRows(house: House, query = 'limit=100000'): Promise<readonly RequestRow[]> {
  const { data } = await house.get<{ readonly data: readonly RequestRow[] }>(`/api/requests?${query}`)
  return data
}

/** A gauge or counter of /metrics, summed over its labels; null when it is not there. */
export async function metric(house: House, name: string): Promise<number | null> {
  const text = await (await house.ask('/metrics')).text()
  const values = text
    .split('\n')
    .flatMap((line) => RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.eE+-]+)`).exec(line)?.[1] ?? [])
  return values.length === 0 ? null : values.reduce((sum, value) => sum + Number(value), 0)
}

/** Nothing of any request is left: no open request or stream on our side, none at the upstream. */
export async function settled({ house, upstream }: GatewayHouse): Promise<void> {
  await upstream.until(({ inFlight }) => inFlight === 0)
  await until('no request is open', async () => (await metric(house, 'hearth_requests_open')) === 0)
  await until('no stream is open', async () => (await metric(house, 'hearth_streams_open')) === 0)
}
