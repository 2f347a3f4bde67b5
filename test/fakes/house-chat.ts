import { refuse } from './house-state.ts'

interface ChatAsk {
  readonly request: Request
  readonly body: Record<string, unknown>
  readonly state: { readonly hangUps: string[]; readonly models: ReadonlyMap<string, unknown> }
}

/**
 * Chats of the fake, chosen by the last message: `break` ends without a terminal event, `fail` tells an error in the
 * stream, `slow` never ends until its client leaves, `wait` first tells in a comment that the model loads, `think`
 * reasons. Everything else is said back.
 */
export function answerChat({ request, body, state }: ChatAsk): Response {
  const model = String(body['model'])
  if (!state.models.has(model)) {
    return refuse(404, 'model_not_found', `There is no model ${model}. Did you mean hearth/smoke?`)
  }
  if (model === 'broken') return refuse(503, 'model_failed', 'broken failed: its file ends before its tensors do.')
  const messages = body['messages'] as readonly { readonly content: string }[]
  const said = messages.at(-1)?.content ?? ''
  if (body['stream'] !== true) return Response.json(wholeAnswer(model, said))
  return new Response(streamOf({ model, said, request, state }), { headers: { 'content-type': 'text/event-stream' } })
}

function wholeAnswer(model: string, said: string): unknown {
  const message = { role: 'assistant', content: `You said: ${said}` }
  return { id: 'chat_1', object: 'chat.completion', model, choices: [{ index: 0, message, finish_reason: 'stop' }] }
}

interface Streamed extends Pick<ChatAsk, 'request' | 'state'> {
  readonly model: string
  readonly said: string
}

function streamOf({ model, said, request, state }: Streamed): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const chunk = (delta: unknown, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'chat_1', model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text))
      if (said === 'wait') send(': tiny-a is loading, about 3 s\n\n')
      if (said === 'think') send(chunk({ reasoning_content: 'Let me see.' }))
      send(chunk({ role: 'assistant', content: 'You said: ' }))
      if (said === 'slow') {
        request.signal.addEventListener('abort', () => state.hangUps.push(model))
        return
      }
      if (said === 'fail') {
        send(
          'event: error\ndata: {"error":{"message":"The engine died.","type":"upstream_error","code":"engine_died"}}\n\n',
        )
        return controller.close()
      }
      for (const word of said.split(/(?= )/)) send(chunk({ content: word }))
      if (said === 'break') return controller.close()
      send(chunk({}, 'stop'))
      const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }
      send(`data: ${JSON.stringify({ id: 'chat_1', model, choices: [], usage })}\n\n`)
      send('data: [DONE]\n\n')
      controller.close()
    },
  })
}
