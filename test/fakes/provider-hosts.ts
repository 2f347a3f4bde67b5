/**
 * The hosts of many vendors on one socket with TLS, told apart by the name that is asked for. Each takes only what its
 * vendor's documentation says: the path, the header with the key, and a body of its dialect. Names that are none of
 * theirs, paths that another vendor has, and keys of another vendor are refused.
 */
import { chatApi } from './model-upstream/chat.ts'
import type { PlayedApi } from './model-upstream/api.ts'
import { messagesApi } from './model-upstream/messages.ts'
import { play } from './model-upstream/model.ts'
import { responsesApi } from './model-upstream/responses.ts'
import type { Json } from './scripted-turn.ts'

export interface ProviderHost {
  readonly host: string
  /** Where the dialect's own paths begin: `/openai/v1`. */
  readonly prefix: string
  readonly api: 'chat' | 'responses' | 'messages'
  readonly key: string
  readonly model: string
  /** It has OpenAI's list under `/models`. */
  readonly hasList: boolean
  readonly refusesStreamOptions: boolean
}

export interface SeenRequest {
  readonly host: string
  readonly path: string
  readonly body: Json
}

export interface ProviderHosts extends AsyncDisposable {
  readonly port: number
  /** Requests for answers that were taken. */
  readonly seen: readonly SeenRequest[]
  /** Why others were not. */
  readonly refusals: readonly string[]
}

const played: Readonly<Record<ProviderHost['api'], PlayedApi>> = {
  chat: chatApi({ isVendor: true }),
  responses: responsesApi,
  messages: messagesApi,
}

export function startProviderHosts(
  hosts: readonly ProviderHost[],
  tls: { readonly cert: string; readonly key: string },
): ProviderHosts {
  const seen: SeenRequest[] = []
  const refusals: string[] = []
  const refuse = (status: number, why: string): Response => {
    refusals.push(why)
    return Response.json({ error: { message: why, type: 'invalid_request_error', code: null } }, { status })
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    tls,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const name = (request.headers.get('host') ?? '').replace(/:\d+$/, '')
      const at = hosts.filter(({ host }) => host === name)
      const host = at.find(({ prefix, api }) => pathname === prefix + played[api].path)
      const listed = at.find(({ prefix, hasList }) => hasList && pathname === `${prefix}/models`)
      const asked = host ?? listed
      if (asked === undefined) return refuse(404, `${name} has no ${pathname}`)
      const api = played[asked.api]
      const entrance = api.entrance(request.headers, asked.key)
      if (entrance !== null) return refuse(entrance.status, `${name}: ${entrance.message}`)
      if (host === undefined) return Response.json({ object: 'list', data: [{ id: asked.model, object: 'model' }] })
      const body = (await request.json()) as Json
      const fault = faultOf(host, api, body, request.headers)
      if (fault !== null) return refuse(400, `${name}: ${fault}`)
      seen.push({ host: name, path: pathname, body })
      const said = play(api.promptOf(body))
      const facts = { model: host.model, count: seen.length, body }
      if (body['stream'] !== true) return Response.json(api.whole(said, facts))
      return new Response(api.events(said, facts).join(''), { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return {
    port: server.port ?? 0,
    seen,
    refusals,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

function faultOf(host: ProviderHost, api: PlayedApi, body: Json, headers: Headers): string | null {
  if (body['model'] !== host.model) return `The model ${JSON.stringify(body['model'])} does not exist.`
  const options = body['stream_options']
  if (host.refusesStreamOptions && options !== undefined && options !== null)
    return 'stream_options: Extra inputs are not permitted'
  return api.fault(body, headers)?.message ?? null
}
