import { listen } from '#platform/http/listener.ts'
import type { Logger } from '#platform/log/logger.ts'
import { echoOf } from '../core/canaries/echo.ts'
import type { CapturedRequest, CaptiveUpstream } from '../service/leak-test.ts'

const idleSeconds = 60

/** Listens on this machine alone, for as long as a test takes; nobody else knows its port. */
export function listenCaptive({ log }: { readonly log: Logger }): CaptiveUpstream {
  let captured: CapturedRequest[] = []
  const listener = listen({
    at: { host: '127.0.0.1', port: 0 },
    log,
    idleSeconds,
    async handler(request) {
      const body = await request.bytes()
      const { pathname, search } = new URL(request.url)
      captured.push({ url: pathname + search, headers: Object.fromEntries(request.headers), body })
      const { contentType, body: answer } = echoOf(pathname, parsed(body))
      return new Response(answer, { headers: { 'content-type': contentType } })
    },
  })
  return {
    baseUrl: `${listener.address}/v1`,
    take() {
      const taken = captured
      captured = []
      return taken
    },
    [Symbol.asyncDispose]: () => listener.cut(),
  }
}

const decoder = new TextDecoder()

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return null
  }
}
