import { markdownAnswer } from './fake-data.ts'

interface Ask {
  readonly stream?: boolean
  readonly messages: readonly Message[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
}

interface Message {
  readonly role: string
  readonly content: string | readonly { readonly type: string; readonly text?: string }[] | null
}

let loadTries = 0

/** The last question's first word decides how the answer goes. */
export async function answerChat(request: Request): Promise<Response> {
  const { messages, stream, tools } = (await request.json()) as Ask
  const question = textOf(messages.at(-1))
  if (stream !== true) return Response.json(wholeAnswer(messages))
  const isResult = messages.at(-1)?.role === 'tool'
  const word = question.split(/\W/)[0]?.toLowerCase() ?? ''
  if (word === 'refuse') {
    return Response.json(
      { error: { message: 'Your key allows 60 requests a minute; try again in 12 s.', code: 'rate_limited' } },
      { status: 429 },
    )
  }
  if (word === 'load' && loadTries++ % 3 < 2) {
    const loading = { state: 'loading', phase: 'loading', etaSeconds: 8, position: 0 }
    return Response.json(
      { error: { message: 'Loading.', code: 'model_loading' }, loading },
      { status: 503, headers: { 'retry-after': '2' } },
    )
  }
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const encoder = new TextEncoder()
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      try {
        if (isResult) await speak('result', send, request.signal)
        else if (word === 'call' && tools?.[0]) await call(tools[0].function.name, send, request.signal)
        else await speak(word, send, request.signal)
        controller.close()
      } catch {
        // The page hung up.
      }
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function textOf(message: Message | undefined): string {
  const { content } = message ?? { content: null }
  if (typeof content === 'string' || content === null) return content ?? ''
  return content.map((part) => part.text ?? '').join('')
}

function wholeAnswer(messages: readonly Message[]): unknown {
  const content = `We spoke of ${messages.length} things; the fire was one of them.`
  return {
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 90, completion_tokens: 12, total_tokens: 102 },
  }
}

/** A call of the first tool, in pieces as engines send it. */
async function call(name: string, send: (text: string) => void, signal: AbortSignal): Promise<void> {
  const chunk = (delta: object, finish: string | null = null) =>
    send(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`)
  const piece = (given: object) => chunk({ tool_calls: [{ index: 0, ...given }] })
  piece({ id: 'call_1', type: 'function', function: { name, arguments: '' } })
  for (const part of ['{"pla', 'ce": "U', 'lm"}']) {
    await sleep(80, signal)
    piece({ function: { arguments: part } })
  }
  chunk({}, 'tool_calls')
  send(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 60, completion_tokens: 18 } })}\n\n`)
  send('data: [DONE]\n\n')
}

async function speak(word: string, send: (text: string) => void, signal: AbortSignal): Promise<void> {
  const chunk = (delta: object, finish: string | null = null) =>
    send(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`)
  send(':\n\n')
  if (word === 'wait') {
    for (const etaSeconds of [6, 4, 2]) {
      send(`: loading state=loading phase=unloading_others position=1 eta_seconds=${etaSeconds}\n\n`)
      await sleep(1_500, signal)
    }
  }
  if (word === 'stall') await sleep(20_000, signal)
  if (word === 'think') {
    for (const part of ['They want to know ', 'how I think. ', 'I should be **brief**.']) {
      chunk({ reasoning_content: part })
      await sleep(250, signal)
    }
  }
  const text = textFor(word)
  const parts = text.match(/\S+\s*/g) ?? []
  for (const [place, part] of parts.entries()) {
    chunk({ content: part })
    await sleep(word === 'long' ? 5 : 12, signal)
    if (word === 'break' && place > 12) return
    if (word === 'error' && place > 8) {
      send(
        `data: ${JSON.stringify({ error: { message: 'The engine stopped while it was answering.', code: 'upstream_reset' } })}\n\n`,
      )
      return
    }
  }
  chunk({}, word === 'cut' ? 'length' : 'stop')
  const prompt = word === 'fill' ? 1_700 : 24
  send(
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: parts.length } })}\n\n`,
  )
  send('data: [DONE]\n\n')
}

function textFor(word: string): string {
  if (word === 'markdown') return markdownAnswer
  if (word === 'result') return 'With what you told me: take a coat.'
  if (word === 'long')
    return Array.from(
      { length: 60 },
      (_, row) => `Paragraph ${row + 1}. ${'Ash and ember keep the night warm. '.repeat(6)}\n\n`,
    ).join('')
  return 'A hearth is the floor of a fireplace, and by extension the home around it: the place where the fire is kept and people gather.'
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new Error('gone'))
    })
  })
}
