import { AppError, messageOf } from '#kernel/errors.ts'
import type { KeyId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import { spliceMembers } from '#protocol/json/bytes.ts'
import { readRequest } from '#protocol/openai/responses/read-request.ts'
import { echoOf, responseObject } from '#protocol/openai/responses/response-object.ts'
import type { KeptResponse, ResponseStore } from '../../ports.ts'
import { readFinalResponse } from './background-answer.ts'
import type { ResponseSettings, StoredResponses } from './stored-responses.ts'

export interface BackgroundParts {
  readonly store: ResponseStore
  readonly responses: StoredResponses
  readonly clock: Clock
  readonly log: Logger
  readonly newId: (prefix: string) => string
  readonly settings: () => ResponseSettings
  /** No other process has this database: what runs there while nothing runs here has been left behind. */
  readonly isAlone: boolean
}

export interface BackgroundAsk {
  readonly caller: Caller
  readonly request: Request
  /** The request's body, as bytes and read. */
  readonly bytes: Uint8Array
  readonly body: Json
  /** Asks the data plane: it is given the same request once more, without `background` and with nothing to keep. */
  readonly run: (request: Request) => Promise<Response>
}

interface Running {
  readonly key: KeyId
  readonly id: string
  readonly itemsText: string
  readonly abort: AbortController
  response: Json
  /** Resolves when the end is written down. */
  done: Promise<void>
}

/** A process that has not said for so long that a run goes on is gone. */
const leaseMs = 60_000
const maxAbandoned = 100

/**
 * Responses that are made while nobody waits. The states are those of the Response object: *in_progress* → *completed*,
 * *incomplete*, *failed* or *cancelled*. A run stands in the database before its id is told; at the end, or when the
 * house closes, how it ended stands there. What a house that was killed left behind is *failed* once its lease is over.
 */
export class BackgroundRuns implements AsyncDisposable {
  readonly #parts: BackgroundParts
  readonly #running = new Map<string, Running>()

  constructor(parts: BackgroundParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#running.size
  }

  /** The Response object that the caller gets at once. Throws AppError `invalid`, `busy`, `unavailable`. */
  async start(ask: BackgroundAsk): Promise<Json> {
    const { store, responses, clock } = this.#parts
    const { caller, body } = ask
    this.#check(body)
    // What cannot be found or kept is told now, not to nobody later.
    const prepared = await responses.prepare(caller, body)
    if (!prepared.isKept) throw cannotRun('input', 'it is larger than what is kept (`responses.body`)')
    this.#checkRoom()
    const { key } = caller
    const response = this.#begun(body)
    const id = String(response.id)
    const run: Running = {
      key,
      id,
      itemsText: prepared.itemsText,
      abort: new AbortController(),
      response,
      done: Promise.resolve(),
    }
    // Its place is taken before anything is awaited: the limit holds for those that come at once, too.
    this.#running.set(placeOf(key, id), run)
    try {
      const aliveUntil = clock.now() + leaseMs
      await store.save([responses.rowOf(key, { itemsText: run.itemsText, response, aliveUntil })])
    } catch (error) {
      this.#running.delete(placeOf(key, id))
      throw error
    }
    run.done = this.#run(run, ask)
    return { ...response, status: 'queued' }
  }

  /** Ends a run; a response that has ended stays as it is. Throws AppError `not_found`, `invalid`. */
  async cancel(caller: Caller, id: string): Promise<string> {
    const run = this.#running.get(placeOf(caller.key, id))
    if (run !== undefined) {
      run.abort.abort('cancelled')
      await run.done
    }
    const kept = await this.#parts.responses.find(caller.key, id)
    const response = JSON.parse(kept.response) as Json
    if (response.background !== true) throw notInBackground(id)
    return kept.response
  }

  /** How a run is known to stand: one whose process is gone has failed, though nobody has written it down yet. */
  async read(caller: Caller, id: string): Promise<string> {
    const run = this.#running.get(placeOf(caller.key, id))
    if (run !== undefined) return JSON.stringify(run.response)
    const kept = await this.#parts.responses.find(caller.key, id)
    if (kept.aliveUntil === null || kept.aliveUntil >= this.#parts.clock.now()) return kept.response
    return JSON.stringify(leftBehind(kept))
  }

  async remove(caller: Caller, id: string): Promise<void> {
    const run = this.#running.get(placeOf(caller.key, id))
    run?.abort.abort('cancelled')
    await run?.done
    await this.#parts.responses.remove(caller, id)
  }

  /** At the start: what the last process left behind. Others may share a PostgreSQL: theirs have a lease. */
  async sweep(): Promise<number> {
    const { store, clock, isAlone } = this.#parts
    const before = isAlone ? Number.MAX_SAFE_INTEGER : clock.now()
    const found = (await store.abandoned(before, maxAbandoned + this.#running.size)).filter(
      ({ key, id }) => !this.#running.has(placeOf(key, id)),
    )
    if (found.length === 0) return 0
    await store.save(
      found.map((kept) => ({
        ...kept,
        response: JSON.stringify(leftBehind(kept)),
        aliveUntil: null,
        itemIds: [],
      })),
    )
    return found.length
  }

  async renew(): Promise<void> {
    if (this.#running.size === 0) return
    const until = this.#parts.clock.now() + leaseMs
    await this.#parts.store.renew([...this.#running.values()], until)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const runs = [...this.#running.values()]
    for (const run of runs) run.abort.abort('closing')
    await Promise.all(runs.map((run) => run.done))
  }

  #check(body: Json): void {
    if (!this.#parts.settings().isStoring)
      throw cannotRun('background', 'this Hearth keeps no responses (`responses.store`)')
    if (body.store === false) throw cannotRun('store', 'an answer that is not kept could not be asked for')
    if (body.stream === true)
      throw cannotRun('stream', 'nobody listens to it; leave `stream` out and ask for the response')
  }

  #checkRoom(): void {
    const { background } = this.#parts.settings()
    if (this.#running.size < background) return
    throw new AppError('busy', `${background} responses run in the background already; ask again shortly.`, {
      reason: 'background_full',
      retryAfterMs: 5000,
    })
  }

  #begun(body: Json): Json {
    const { clock, newId } = this.#parts
    const head = {
      id: newId('resp_'),
      createdAt: Math.floor(clock.now() / 1000),
      status: 'in_progress',
      completedAt: null,
      output: [],
      error: null,
      incomplete: null,
      usage: null,
    } as const
    return responseObject(head, echoOf(readRequest(body)))
  }

  async #run(run: Running, ask: BackgroundAsk): Promise<void> {
    const { store, responses, log } = this.#parts
    // The request that began it ends first, and gives back what the run takes for itself.
    await new Promise<void>((resolve) => setImmediate(resolve))
    const ended = await this.#answer(run, ask)
    run.response = ended
    try {
      await store.save([responses.rowOf(run.key, { itemsText: run.itemsText, response: ended, aliveUntil: null })])
    } catch (error) {
      log.error('the end of a background response could not be written down', { error, response: run.id })
    }
    this.#running.delete(placeOf(run.key, run.id))
  }

  async #answer(run: Running, { request, bytes, run: ask }: BackgroundAsk): Promise<Json> {
    const ended = (members: Json): Json => ({ ...run.response, ...members })
    try {
      run.abort.signal.throwIfAborted()
      const headers = new Headers(request.headers)
      for (const name of ['content-length', 'transfer-encoding', 'accept']) headers.delete(name)
      // Streamed, so that a model may take its time to load and to answer.
      const body = spliceMembers(bytes, { background: 'false', store: 'false', stream: 'true' })
      const again = new Request(request.url, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        signal: run.abort.signal,
      })
      const final = await readFinalResponse(await ask(again), this.#parts.settings().bodyBytes)
      if (!run.abort.signal.aborted) {
        const { id, created_at, background, store, previous_response_id } = run.response
        return { ...final, id, created_at, background, store, previous_response_id }
      }
    } catch (error) {
      if (!run.abort.signal.aborted) return ended(failure(messageOf(error)))
    }
    return run.abort.signal.reason === 'cancelled'
      ? ended({ status: 'cancelled' })
      : ended(failure('Hearth was closed while this response was made; ask again.'))
  }
}

const failure = (message: string): Json => ({ status: 'failed', error: { code: 'server_error', message } })

function leftBehind({ response }: KeptResponse): Json {
  return {
    ...(JSON.parse(response) as Json),
    ...failure('Hearth was stopped while this response was made; ask again.'),
  }
}

const placeOf = (key: KeyId, id: string): string => `${key} ${id}`

function cannotRun(param: string, why: string): AppError {
  return new AppError('invalid', `background: true is not possible: ${why}.`, { reason: 'invalid_request', param })
}

function notInBackground(id: string): AppError {
  const message = `The response "${id}" was not made in the background; there is nothing to cancel.`
  return new AppError('invalid', message, { reason: 'not_in_background', param: 'response_id' })
}
