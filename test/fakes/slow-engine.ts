/**
 * An engine that takes its time to load and then streams: `bun slow-engine.ts --host H --port P --load-ms N`. As
 * llama-server, it answers 503 until it is ready and [DONE] at the end of a stream.
 */
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { host: { type: 'string' }, port: { type: 'string' }, 'load-ms': { type: 'string', default: '0' } },
})
const startedAt = performance.now()
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

Bun.serve({ hostname: values.host ?? '127.0.0.1', port: Number(values.port ?? 0), idleTimeout: 0, fetch: answer })

async function answer(request: Request): Promise<Response> {
  const isLoading = performance.now() - startedAt < Number(values['load-ms'])
  if (isLoading) return Response.json({ error: { code: 503, message: 'Loading model' } }, { status: 503 })
  const { pathname } = new URL(request.url)
  if (pathname === '/health') return Response.json({ status: 'ok' })
  if (pathname === '/v1/models') return Response.json({ object: 'list', data: [{ id: 'slow', object: 'model' }] })
  const body = (await request.json()) as { readonly stream?: boolean }
  const base = { id: 'chatcmpl-slow', created: 1, model: 'slow' }
  if (body.stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'at last' }, finish_reason: 'stop' }]
    return Response.json({ ...base, object: 'chat.completion', choices, usage })
  }
  const event = (delta: object, finish_reason: string | null) => {
    const choices = [{ index: 0, delta, finish_reason }]
    return `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices })}\n\n`
  }
  const text = `${event({ role: 'assistant', content: 'at last' }, null)}${event({}, 'stop')}data: [DONE]\n\n`
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}
