import type { Hearth, Status } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { tell } from '../failures.ts'
import { bytesText, millisecondsText } from '../format.ts'
import type { Finding } from './report.ts'

const smokeModel = 'hearth/smoke'
const eventsMs = 5_000
/** An engine may have to be installed first. */
const tokenMs = 5 * 60_000

/** Asks the running house, one thing after the other; what depends on a missing answer is left out and says so. */
export async function askLive(call: Call): Promise<readonly Finding[]> {
  const hearth = call.hearth()
  const health = await attempt('house answers', 'GET /health', async () => {
    const took = await timed(() => hearth.health({ timeoutMs: 5_000 }))
    return { found: `${hearth.target} answers in ${millisecondsText(took)}.` }
  })
  if (health.state !== 'ok') return [health, ...skipped(['house is ready', 'house status', 'event stream', 'a token'])]
  const ready = await attempt('house is ready', 'GET /ready', async () => {
    await hearth.ready({ timeoutMs: 5_000 })
    return { found: 'It takes requests.' }
  })
  return [
    health,
    ready,
    ...(await statusFindings(hearth)),
    await eventFinding(hearth),
    await tokenFinding(call, hearth),
  ]
}

type Outcome = Pick<Finding, 'found'> & Partial<Pick<Finding, 'state' | 'advice'>>

async function attempt(name: string, what: string, perform: () => Promise<Outcome>): Promise<Finding> {
  try {
    return { name, state: 'ok', advice: null, ...(await perform()) }
  } catch (thrown) {
    const told = tell(thrown)
    return { name, state: 'fail', found: `${what}: ${told.message}`, advice: told.hint }
  }
}

const skipped = (names: readonly string[]): readonly Finding[] =>
  names.map((name) => ({ name, state: 'skip', found: 'not asked: the house does not answer', advice: null }))

async function timed(perform: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await perform()
  return performance.now() - from
}

async function statusFindings(hearth: Hearth): Promise<readonly Finding[]> {
  let status: Status | null = null
  const asked = await attempt('house status', 'GET /api/status', async () => {
    status = await hearth.status()
    const { version, address, database, memory } = status
    const budget = `${bytesText(memory.usedBytes)} of ${bytesText(memory.budgetBytes)} for models in use`
    return { found: `Hearth ${version} at ${address}, ${database}, ${budget}.` }
  })
  if (status === null) return [asked]
  const { warnings, upstreams } = status as Status
  return [
    asked,
    ...warnings.map((warning): Finding => ({ name: 'house warning', state: 'warn', found: warning, advice: null })),
    ...upstreams.map(upstreamFinding),
  ]
}

function upstreamFinding(upstream: Status['upstreams'][number]): Finding {
  const name = `upstream ${upstream.name}`
  if (upstream.isReachable === null)
    return { name, state: 'skip', found: `${upstream.baseUrl} was not asked yet.`, advice: null }
  if (upstream.isReachable) {
    const models = upstream.models === null ? 'its models are not known' : `${upstream.models} models`
    return { name, state: 'ok', found: `${upstream.baseUrl} answers, ${models}.`, advice: null }
  }
  return {
    name,
    state: 'fail',
    found: `${upstream.baseUrl} does not answer: ${upstream.lastError ?? 'no reason is known'}`,
    advice: 'See that it runs and that its baseUrl and apiKey are right.',
  }
}

async function eventFinding(hearth: Hearth): Promise<Finding> {
  return attempt('event stream', 'GET /api/events', async () => {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), eventsMs)
    const events = hearth.events({ signal: controller.signal, reconnect: false })
    try {
      const from = performance.now()
      const first = await events.next()
      if (first.done)
        throw new Error(`No event arrived within ${eventsMs / 1000} s; is something in between that buffers?`)
      return {
        found: `The first event, ${first.value.type}, arrives in ${millisecondsText(performance.now() - from)}.`,
      }
    } finally {
      clearTimeout(timer)
      controller.abort()
      await events.return(undefined)
    }
  })
}

async function tokenFinding(call: Call, hearth: Hearth): Promise<Finding> {
  const name = 'a token'
  if (call.flags.has('no-token')) return { name, state: 'skip', found: 'left out (--no-token)', advice: null }
  return attempt(name, `a chat with ${smokeModel}`, async () => {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), tokenMs)
    const from = performance.now()
    let firstMs: number | null = null
    let chunks = 0
    try {
      const messages = [{ role: 'user' as const, content: 'Say something.' }]
      const ask = { model: smokeModel, messages, max_tokens: 8 }
      const onComment = (text: string): void => call.terminal.transient(text)
      for await (const chunk of hearth.chat.stream(ask, { signal: controller.signal, onComment })) {
        const delta = chunk.choices[0]?.delta
        if (!delta?.content && !delta?.reasoning_content) continue
        firstMs ??= performance.now() - from
        chunks++
      }
    } finally {
      clearTimeout(timer)
      call.terminal.transient(null)
    }
    if (firstMs === null) throw new Error(`${smokeModel} ended its answer without a word.`)
    return { found: `${smokeModel} streamed ${chunks} pieces, the first after ${millisecondsText(firstMs)}.` }
  })
}
