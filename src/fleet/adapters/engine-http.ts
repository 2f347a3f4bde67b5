import { messageOf } from '#kernel/errors.ts'
import type { Egress, Outbound, Sent } from '#platform/egress/contract.ts'
import type { EngineAddress, EngineProbe, Health, Proof, Proved } from '../ports.ts'

const healthDeadlines = { firstByteMs: 2000, idleMs: 2000, totalMs: 5000 }
const maxAnswerBytes = 4 * 2 ** 20

/** Asks engines over the egress door, as requests to this very machine. */
export function createEngineProbe(egress: Pick<Egress, 'inference'>): EngineProbe {
  const send = (
    to: EngineAddress,
    what: Outbound,
    options: { deadlineMs: number | null; signal: AbortSignal },
  ): Promise<Sent> => {
    const { deadlineMs, signal } = options
    const deadlines =
      deadlineMs === null ? healthDeadlines : { firstByteMs: deadlineMs, idleMs: deadlineMs, totalMs: deadlineMs }
    return egress.inference.send({ name: 'engine', baseUrl: to.rootUrl, locality: 'host' }, what, { deadlines, signal })
  }
  return {
    async health(engine, path, signal) {
      return healthFrom(await send(engine, get(engine, path), { deadlineMs: null, signal }), path)
    },
    async prove(engine, ask, signal) {
      const listed = await checkName(
        await send(engine, get(engine, '/v1/models'), { deadlineMs: ask.deadlineMs, signal }),
        ask,
      )
      if (listed.kind === 'failed') return listed
      const { path, body, isAnswer } = question(ask)
      const what = {
        ...get(engine, path),
        method: 'POST',
        body: new TextEncoder().encode(JSON.stringify(body)),
        data: ['text'],
      } as const
      return provedBy(await send(engine, what, { deadlineMs: ask.deadlineMs, signal }), path, isAnswer)
    },
  }
}

function get(engine: EngineAddress, path: string): Outbound {
  const headers = {
    authorization: `Bearer ${engine.token}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }
  return { method: 'GET', path, headers, body: null, data: ['metadata'] }
}

async function healthFrom(sent: Sent, path: string): Promise<Health> {
  if (sent.kind !== 'answer') return { kind: 'silent' }
  const body = await jsonOf(sent)
  if (sent.status === 200) return { kind: 'ok' }
  if (sent.status === 503) {
    const progress = field(body, 'progress')
    return {
      kind: 'loading',
      progress: typeof progress === 'number' && progress >= 0 && progress <= 1 ? progress : null,
    }
  }
  return { kind: 'wrong', message: `GET ${path} was answered with ${sent.status}${complaintIn(body)}` }
}

/**
 * The list of models is the cheapest way to notice that another program took the port. Engines without one are
 * believed.
 */
async function checkName(sent: Sent, ask: Proof): Promise<Proved> {
  if (sent.kind !== 'answer') return { kind: 'failed', message: `It did not answer GET /v1/models: ${sent.message}` }
  const data = field(await jsonOf(sent), 'data')
  if (!ask.mustListName || sent.status !== 200 || !Array.isArray(data)) return { kind: 'ok' }
  const names = data.map((entry) => field(entry, 'id')).filter((id) => typeof id === 'string')
  if (names.includes(ask.modelName)) return { kind: 'ok' }
  return {
    kind: 'failed',
    message: `It lists ${names.map((name) => `"${name}"`).join(', ') || 'no model'}, not "${ask.modelName}".`,
  }
}

interface Question {
  readonly path: string
  readonly body: object
  isAnswer(body: unknown): boolean
}

const hasEntries = (name: string) => (body: unknown) => {
  const entries = field(body, name)
  return Array.isArray(entries) && entries.length > 0
}

/** The smallest real request of each kind. */
function question({ capability, modelName }: Proof): Question {
  switch (capability) {
    case 'embedding':
      return { path: '/v1/embeddings', body: { model: modelName, input: 'hi' }, isAnswer: hasEntries('data') }
    case 'rerank':
      return {
        path: '/v1/rerank',
        body: { model: modelName, query: 'hi', documents: ['hi'] },
        isAnswer: hasEntries('results'),
      }
    case 'completion':
      return {
        path: '/v1/completions',
        body: { model: modelName, prompt: 'hi', max_tokens: 1 },
        isAnswer: hasEntries('choices'),
      }
    case 'chat':
    case 'vision':
    case 'tools': {
      const body = { model: modelName, messages: [{ role: 'user', content: 'hi' }], max_tokens: 1, stream: false }
      return { path: '/v1/chat/completions', body, isAnswer: hasEntries('choices') }
    }
  }
}

async function provedBy(sent: Sent, path: string, isAnswer: (body: unknown) => boolean): Promise<Proved> {
  if (sent.kind !== 'answer') return { kind: 'failed', message: `POST ${path} was not answered: ${sent.message}` }
  const body = await jsonOf(sent)
  if (sent.status === 200 && isAnswer(body)) return { kind: 'ok' }
  return { kind: 'failed', message: `POST ${path} was answered with ${sent.status}${complaintIn(body)}` }
}

async function jsonOf(sent: Extract<Sent, { kind: 'answer' }>): Promise<unknown> {
  const read = await sent.bytes(maxAnswerBytes)
  if (read.kind === 'broken') return { error: { message: read.message } }
  try {
    return JSON.parse(new TextDecoder().decode(read.bytes))
  } catch (error) {
    return { error: { message: `no JSON: ${messageOf(error)}` } }
  }
}

function complaintIn(body: unknown): string {
  const error = field(body, 'error')
  const message = typeof error === 'string' ? error : field(error, 'message')
  return typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
