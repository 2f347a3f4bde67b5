import { createStore, type Store } from '../../app/store.ts'
import { strings } from '../../strings.ts'
import { createAnswerWatch, sentenceOf } from './answer-watch.ts'
import { openChat, readAnswer } from './chat-stream.ts'
import {
  type Answer,
  type Conversation,
  emptyConversation,
  isBusy,
  isRunning,
  newAnswer,
  openCalls,
  roundsOf,
  type Side,
  type Turn,
  withoutLastAnswer,
  withQuestion,
} from './conversation.ts'
import { pack, unpack } from './keeping.ts'
import { requestBody } from './messages.ts'
import { olderPart, summaryBody, wordsOfAnswer } from './summarising.ts'

export type Wish = Partial<Omit<Conversation, 'turns'>>

/** What can be taken back: the turns as they were before it. */
export interface Undo {
  readonly what: 'edited' | 'cleared'
  readonly turns: readonly Turn[]
}

export type Summarising =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string }

const storageName = 'hearth.chat'
const saveEveryMs = 1_000

interface Needs {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null
  onSignedOut(): void
}

/** The conversation and its asking. It outlives the tab: an answer goes on while somebody looks at the models. */
export class ChatStore {
  readonly conversation: Store<Conversation>
  readonly undo = createStore<Undo | null>(null)
  readonly summarising = createStore<Summarising>({ kind: 'idle' })
  readonly #needs: Needs
  readonly #running = new Set<AbortController>()
  #nextId: number

  constructor(needs: Needs) {
    this.#needs = needs
    this.conversation = createStore(unpack(needs.storage?.getItem(storageName) ?? null))
    this.#nextId = Math.max(0, ...this.#turns.flatMap(idsOf)) + 1
    this.conversation.subscribe(createSaver(() => this.save()))
  }

  ask(content: string, images: readonly string[] = []): void {
    if (this.#isWorking || this.conversation.get().model === null) return
    this.undo.set(null)
    this.#setTurns([...this.#turns, { role: 'user', id: this.#nextId++, content, images }])
    this.#runSides()
  }

  /** Asks for the last answer of a side anew. */
  again(side: Side): void {
    if (this.#isWorking || this.#modelOf(side) === null) return
    this.#setTurns(withoutLastAnswer(this.#turns, side))
    void this.#run(side)
  }

  /** Says a question otherwise and asks it; what came after it is gone until it is undone. */
  edit(id: number, content: string): void {
    const turns = this.#turns
    const edited = withQuestion(turns, id, content)
    if (this.#isWorking || !edited) return
    this.undo.set({ what: 'edited', turns })
    this.#setTurns(edited)
    this.#runSides()
  }

  /** What the functions said that the last answer of a side called, by the call's id; then the side goes on. */
  giveResults(side: Side, results: ReadonlyMap<string, string>): void {
    if (this.#isWorking || this.#modelOf(side) === null) return
    const said = roundsOf(this.#turns).at(-1)?.[side] ?? []
    const answer = said.findLast((turn) => turn.role === 'assistant')
    if (!answer) return
    const given = openCalls(answer, said).map(({ id: call, name }): Turn => {
      return { role: 'tool', id: this.#nextId++, side, call, name, content: results.get(call) ?? '' }
    })
    this.#setTurns([...this.#turns, ...given])
    void this.#run(side)
  }

  /** Asks the model to say the older part in short. */
  async summarise(): Promise<void> {
    const before = this.conversation.get()
    const parts = olderPart(before.turns)
    const { model } = before
    if (this.#isWorking || !parts || model === null) return
    const control = this.#begin()
    this.summarising.set({ kind: 'running' })
    try {
      const response = await openChat(JSON.stringify(summaryBody(before, parts.older)), {
        signal: control.signal,
        onWaiting() {},
        onSignedOut: this.#needs.onSignedOut,
      })
      const content = wordsOfAnswer(await response.json())
      if (content === null) {
        this.summarising.set({ kind: 'failed', message: strings.chat.emptyAnswer })
        return
      }
      this.#setTurns([{ role: 'summary', id: this.#nextId++, model, content, replaced: parts.older }, ...parts.newer])
      this.summarising.set({ kind: 'idle' })
    } catch (thrown) {
      const wasStopped = control.signal.aborted
      this.summarising.set(wasStopped ? { kind: 'idle' } : { kind: 'failed', message: sentenceOf(thrown) })
    } finally {
      this.#running.delete(control)
    }
  }

  /** The turns that a summary replaced come back. */
  unfold(id: number): void {
    const turns = this.#turns
    const at = turns.findIndex((turn) => turn.id === id)
    const folded = turns[at]
    if (folded?.role === 'summary' && !this.#isWorking) this.#setTurns(turns.toSpliced(at, 1, ...folded.replaced))
  }

  takeBack(): void {
    const last = this.undo.get()
    if (!last) return
    this.stop()
    this.undo.set(null)
    this.#setTurns(last.turns)
  }

  stop(): void {
    for (const control of this.#running) control.abort()
  }

  /** A new conversation; the old one can be had back. */
  startAnew(): void {
    const turns = this.#turns.filter((turn) => !isRunning(turn))
    this.stop()
    this.#setTurns([])
    this.summarising.set({ kind: 'idle' })
    this.undo.set({ what: 'cleared', turns })
  }

  /** Nothing is left of it: the next person at this screen is another. */
  clear(): void {
    this.stop()
    this.conversation.set(emptyConversation)
    this.undo.set(null)
    this.summarising.set({ kind: 'idle' })
    this.save()
  }

  /** Keeps it now: the page may be going away. */
  save(): void {
    try {
      this.#needs.storage?.setItem(storageName, pack(this.conversation.get()))
    } catch {
      // The browser's storage is full: the conversation lives on as long as the page.
    }
  }

  choose(wish: Wish): void {
    this.conversation.set({ ...this.conversation.get(), ...wish })
  }

  get #turns(): readonly Turn[] {
    return this.conversation.get().turns
  }

  /** null: nobody is compared any more, or no model is chosen yet. */
  #modelOf(side: Side): string | null {
    const { model, rival } = this.conversation.get()
    return side === 'rival' ? rival : model
  }

  get #isWorking(): boolean {
    return isBusy(this.conversation.get()) || this.summarising.get().kind === 'running'
  }

  #setTurns(turns: readonly Turn[]): void {
    this.conversation.set({ ...this.conversation.get(), turns })
  }

  #begin(): AbortController {
    const control = new AbortController()
    this.#running.add(control)
    return control
  }

  #runSides(): void {
    void this.#run('main')
    if (this.conversation.get().rival !== null) void this.#run('rival')
  }

  async #run(side: Side): Promise<void> {
    const before = this.conversation.get()
    const model = this.#modelOf(side)
    if (model === null) return
    const control = this.#begin()
    const answer = newAnswer(this.#nextId++, side, model)
    const body = JSON.stringify(requestBody(before, side))
    this.#setTurns([...before.turns, answer])
    const watch = createAnswerWatch((how) => this.#change(answer.id, how))
    try {
      const response = await openChat(body, {
        signal: control.signal,
        onWaiting: (waiting) => watch.note({ kind: 'waiting', waiting }),
        onSignedOut: this.#needs.onSignedOut,
      })
      watch.begin(response.headers)
      await readAnswer(response, watch.note)
      watch.conclude()
    } catch (thrown) {
      watch.fail(thrown, control.signal.aborted)
    } finally {
      this.#running.delete(control)
    }
  }

  #change(id: number, how: (answer: Answer) => Answer): void {
    const turns = this.#turns
    const at = turns.findLastIndex((turn) => turn.id === id)
    const answer = turns[at]
    if (answer?.role === 'assistant') this.#setTurns(turns.with(at, how(answer)))
  }
}

function idsOf(turn: Turn): readonly number[] {
  return turn.role === 'summary' ? [turn.id, ...turn.replaced.flatMap(idsOf)] : [turn.id]
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
