import { errorOf } from '../../api/client.ts'
import { createStore, type Store } from '../../app/store.ts'
import { createSseReader } from '../../live/sse.ts'
import { strings } from '../../strings.ts'
import { type AnswerUsage, type ChatStep, createEndingWatch, readItem, readWaiting } from './chat-reader.ts'
import { type Answer, type Conversation, emptyConversation, isBusy, messagesOf, pack, unpack } from './conversation.ts'

/** The conversation and its asking. It outlives the tab: an answer goes on while somebody looks at the models. */
export interface ChatStore {
  readonly conversation: Store<Conversation>
  ask(content: string): void
  /** Asks the last question anew. */
  again(): void
  stop(): void
  clear(): void
  /** Keeps it now: the page may be going away. */
  save(): void
  choose(change: Partial<Pick<Conversation, 'model' | 'system' | 'temperature'>>): void
}

const storageName = 'hearth.chat'
/** How long a 503 that says "loading" is answered by asking again. */
const longestWaitMs = 15 * 60_000
const shortestRetryMs = 1_000
const longestRetryMs = 15_000
const saveEveryMs = 1_000

interface Needs {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null
  onSignedOut(): void
}

export function createChatStore(needs: Needs): ChatStore {
  const conversation = createStore(unpack(needs.storage?.getItem(storageName) ?? null))
  let nextId = Math.max(0, ...conversation.get().turns.map((turn) => turn.id)) + 1
  let running: AbortController | null = null
  const save = () => keep(needs.storage, conversation.get())
  conversation.subscribe(createSaver(save))

  function change(id: number, how: (answer: Answer) => Answer): void {
    const now = conversation.get()
    const turns = now.turns.map((turn) => (turn.id === id && turn.role === 'assistant' ? how(turn) : turn))
    conversation.set({ ...now, turns })
  }

  async function run(model: string): Promise<void> {
    const control = new AbortController()
    running = control
    const before = conversation.get()
    const answer = newAnswer(nextId++, model)
    conversation.set({ ...before, turns: [...before.turns, answer] })
    const body = bodyOf(before, model)
    const watch = createAnswerWatch((how) => change(answer.id, how))
    try {
      const response = await open(body, { control, onWaiting: watch.note, onSignedOut: needs.onSignedOut })
      await readAnswer(response, watch)
      watch.conclude()
    } catch (thrown) {
      watch.fail(thrown, control.signal.aborted)
    } finally {
      if (running === control) running = null
    }
  }

  function ask(content: string): void {
    const now = conversation.get()
    if (isBusy(now) || now.model === null) return
    conversation.set({ ...now, turns: [...now.turns, { role: 'user', id: nextId++, content }] })
    void run(now.model)
  }

  return {
    conversation,
    ask,
    again() {
      const now = conversation.get()
      const last = now.turns.at(-1)
      if (last?.role !== 'assistant' || isBusy(now) || now.model === null) return
      conversation.set({ ...now, turns: now.turns.slice(0, -1) })
      void run(now.model)
    },
    stop: () => running?.abort(),
    save,
    clear() {
      running?.abort()
      conversation.set({ ...conversation.get(), turns: emptyConversation.turns })
    },
    choose: (wish) => conversation.set({ ...conversation.get(), ...wish }),
  }
}

function newAnswer(id: number, model: string): Answer {
  return {
    role: 'assistant',
    id,
    model,
    content: '',
    reasoning: '',
    state: { kind: 'waiting', waiting: null },
    usage: null,
    firstWordMs: null,
    totalMs: null,
  }
}

function bodyOf(conversation: Conversation, model: string): string {
  return JSON.stringify({
    model,
    messages: messagesOf(conversation),
    stream: true,
    stream_options: { include_usage: true },
    ...(conversation.temperature === null ? {} : { temperature: conversation.temperature }),
  })
}

/** Asks until the model is there, a refusal is final, or somebody stops it. */
async function open(
  body: string,
  how: { control: AbortController; onWaiting(step: ChatStep): void; onSignedOut(): void },
): Promise<Response> {
  const giveUpAt = Date.now() + longestWaitMs
  const { signal } = how.control
  for (;;) {
    const init = { method: 'POST', body, signal, headers: { 'content-type': 'application/json' } }
    const response = await fetch('/v1/chat/completions', init)
    if (response.ok) return response
    const error = await errorOf(response)
    const waiting = readWaiting(error.body.loading)
    if (response.status !== 503 || !waiting || Date.now() > giveUpAt) {
      if (response.status === 401) how.onSignedOut()
      throw error
    }
    how.onWaiting({ kind: 'waiting', waiting })
    await pause(Math.min(longestRetryMs, Math.max(shortestRetryMs, error.retryAfterMs ?? 0)), signal)
  }
}

async function readAnswer(response: Response, watch: { note(step: ChatStep): void }): Promise<void> {
  if (!response.body) return
  const events = createSseReader()
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (const item of events.push(decoder.decode(value, { stream: true })))
      for (const step of readItem(item)) watch.note(step)
  }
  for (const item of events.end()) for (const step of readItem(item)) watch.note(step)
}

/** Gathers the steps of one answer; words are shown once per frame, however fast they come. */
function createAnswerWatch(change: (how: (answer: Answer) => Answer) => void) {
  const startedAt = performance.now()
  const ending = createEndingWatch()
  let content = ''
  let reasoning = ''
  let firstWordMs: number | null = null
  let usage: AnswerUsage | null = null
  let frame: ReturnType<typeof setTimeout> | null = null

  function show(state: (answer: Answer) => Answer['state']): void {
    if (frame !== null) clearTimeout(frame)
    frame = null
    change((answer) => ({ ...answer, content, reasoning, usage, firstWordMs, state: state(answer) }))
  }
  function finish(state: Answer['state']): void {
    show(() => state)
    change((answer) => ({ ...answer, totalMs: performance.now() - startedAt }))
  }
  return {
    note(step: ChatStep): void {
      ending.note(step)
      if (step.kind === 'waiting') show(() => ({ kind: 'waiting', waiting: step.waiting }))
      else if (step.kind === 'usage') usage = step.usage
      else if (step.kind === 'text') {
        firstWordMs ??= performance.now() - startedAt
        content += step.content
        reasoning += step.reasoning
        frame ??= setTimeout(() => show(() => ({ kind: 'streaming' })), frameMs)
      }
    },
    conclude: () => finish(stateOf(ending.ending(), content !== '' || reasoning !== '')),
    fail(thrown: unknown, wasStopped: boolean): void {
      const hasBegun = content !== '' || reasoning !== ''
      const told = ending.ending()
      if (wasStopped) finish({ kind: 'stopped' })
      else if (told.kind === 'complete') finish(told)
      else if (told.kind === 'failed') finish(stateOf(told, hasBegun))
      else finish(hasBegun ? { kind: 'incomplete' } : { kind: 'failed', message: sentenceOf(thrown) })
    },
  }
}

const frameMs = 33

function stateOf(
  ending: ReturnType<ReturnType<typeof createEndingWatch>['ending']>,
  hasBegun: boolean,
): Answer['state'] {
  if (ending.kind === 'failed') return { kind: 'failed', message: ending.message || strings.chat.failed }
  if (ending.kind === 'incomplete' && !hasBegun) return { kind: 'failed', message: strings.chat.brokeOff }
  return ending
}

function sentenceOf(thrown: unknown): string {
  const message = thrown instanceof Error && thrown.name === 'ApiError' ? thrown.message : ''
  return message || strings.errors.unreachable
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new DOMException('Stopped', 'AbortError'))
    })
  })
}

function createSaver(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  return () => {
    timer ??= setTimeout(() => {
      timer = null
      run()
    }, saveEveryMs)
  }
}

function keep(storage: Needs['storage'], conversation: Conversation): void {
  try {
    storage?.setItem(storageName, pack(conversation))
  } catch {
    // The browser's storage is full: the conversation lives on as long as the page.
  }
}
