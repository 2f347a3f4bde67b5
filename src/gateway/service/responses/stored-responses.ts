import { AppError } from '#kernel/errors.ts'
import { formatBytes } from '#kernel/bytes.ts'
import type { KeyId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import {
  hasReferences,
  itemsOf,
  pageOf,
  referenceIn,
  saidIn,
  type ItemsAsk,
} from '#protocol/openai/responses/kept-items.ts'
import type { HouseMembers } from '#protocol/openai/responses/kept-stream.ts'
import type { ItemIds, KeptResponse, ResponseStore } from '../../ports.ts'
import { KeepingQueue } from './stored-responses-queue.ts'

export interface ResponseSettings {
  /** false: nothing is kept, whatever a request says. */
  readonly isStoring: boolean
  readonly retentionDays: number
  /** The most of a kept request, and of a kept answer. */
  readonly bodyBytes: number
  /** The most responses at once that run in the background. */
  readonly background: number
  /** The most of a conversation with all that it rests on. */
  readonly conversationBytes: number
}

/** A request of the Responses API as it is asked in the end. */
export interface Prepared {
  /** With all that it rests on in `input`; `store` says what will be. It is read and repeated in the answer. */
  readonly body: Json
  /** Members to splice into the request for an upstream that speaks Responses itself; it keeps nothing. */
  readonly edits: Readonly<Record<string, string>>
  /** The answer goes to `keep`. */
  readonly isKept: boolean
  /** What the upstream's answer must say otherwise; null: it passes as it came. */
  readonly members: HouseMembers | null
  /** JSON: the request's own items. */
  readonly itemsText: string
}

export interface StoredResponsesParts {
  readonly store: ResponseStore
  readonly clock: Clock
  readonly log: Logger
  readonly newId: (prefix: string) => string
  readonly settings: () => ResponseSettings
}

/** More answers than these are not walked back: a chain has an end. */
const maxChain = 1000
/** References of one request. */
const maxReferences = 1000

/**
 * The house's own memory of responses, which works with every upstream. An answer is handed over at its end and written
 * a moment later; who asks for it in between gets it from the queue. A database that fails costs the memory, never an
 * answer.
 */
export class StoredResponses implements AsyncDisposable {
  readonly #parts: StoredResponsesParts
  readonly #queue: KeepingQueue

  constructor(parts: StoredResponsesParts) {
    this.#parts = parts
    this.#queue = new KeepingQueue(parts)
  }

  /** Throws AppError `not_found` for what is not kept (any more) for this key, `invalid` for what cannot be. */
  async prepare(caller: Caller, body: Json): Promise<Prepared> {
    const previousId = previousOf(body)
    const refers = hasReferences(body.input)
    const isWanted = this.#parts.settings().isStoring && body.store !== false
    if (!isWanted && previousId === null && !refers) return untouched(body)
    const rested = previousId === null ? [] : await this.#context(caller.key, previousId)
    const input = refers ? await this.#resolved(caller.key, body.input, rested) : body.input
    const items = itemsOf(input, this.#parts.newId)
    const itemsText = isWanted ? JSON.stringify(items) : '[]'
    const isKept = isWanted && this.#fits(itemsText.length)
    const hasMore = previousId !== null || refers
    const whole = hasMore ? [...rested, ...items] : null
    const edits: Record<string, string> = {}
    if (body.store !== false) edits['store'] = 'false'
    if (previousId !== null) edits['previous_response_id'] = 'null'
    if (whole !== null) edits['input'] = JSON.stringify(whole)
    return {
      body: { ...body, store: isKept, ...(whole === null ? {} : { input: whole }) },
      edits,
      isKept,
      members: { store: isKept, previous_response_id: previousId, background: body.background === true },
      itemsText,
    }
  }

  /** Returns at once. The response is what the caller got. */
  keep(caller: Caller, prepared: Prepared, response: Json): void {
    if (!prepared.isKept || typeof response.id !== 'string') return
    this.#queue.push(this.rowOf(caller.key, { itemsText: prepared.itemsText, response, aliveUntil: null }))
  }

  /** The Response object as JSON. */
  async read(caller: Caller, id: string): Promise<string> {
    return (await this.find(caller.key, id)).response
  }

  /** The items that the response was made from, those that it rests on included. */
  async inputItems(caller: Caller, id: string, ask: ItemsAsk): Promise<Json> {
    const kept = await this.find(caller.key, id)
    const rested = kept.previousId === null ? [] : await this.#context(caller.key, kept.previousId)
    return pageOf([...rested, ...listIn(kept.input)], ask)
  }

  async remove(caller: Caller, id: string): Promise<void> {
    await this.#queue.flushed(caller.key, id)
    if (!(await this.#parts.store.remove(caller.key, id))) throw unknownResponse(id)
  }

  /** Throws AppError `not_found`. */
  async find(key: KeyId, id: string): Promise<KeptResponse> {
    const kept = this.#queue.find(key, id) ?? (await this.#parts.store.find(key, id))
    if (kept === null) throw unknownResponse(id)
    return kept
  }

  /** A row for the store. */
  rowOf(
    key: KeyId,
    what: { readonly itemsText: string; readonly response: Json; readonly aliveUntil: number | null },
  ): KeptResponse & ItemIds {
    const { itemsText, response, aliveUntil } = what
    const output = saidIn(response)
    return {
      key,
      id: String(response.id),
      previousId: typeof response.previous_response_id === 'string' ? response.previous_response_id : null,
      createdAt: this.#parts.clock.now(),
      input: itemsText,
      response: JSON.stringify(response),
      itemIds: output.flatMap((item) => (typeof item.id === 'string' ? [item.id] : [])),
      aliveUntil,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]()
  }

  #fits(size: number): boolean {
    const { log, settings } = this.#parts
    const { bodyBytes } = settings()
    if (size <= bodyBytes) return true
    log.warn('a request is too large to be kept; its answer says so', { bytes: size, limit: bodyBytes })
    return false
  }

  /** Everything that was said up to and with the response. */
  async #context(key: KeyId, id: string): Promise<readonly Json[]> {
    const chain = await this.#chain(key, id)
    const oldest = chain[0]
    if (oldest === undefined) throw unknownPrevious(id)
    if (oldest.previousId !== null) throw brokenChain(id, oldest.previousId, chain.length >= maxChain)
    const size = chain.reduce((sum, { input, response }) => sum + input.length + response.length, 0)
    const { conversationBytes } = this.#parts.settings()
    if (size > conversationBytes) throw tooLong(id, size, conversationBytes)
    return chain.flatMap((kept) => [...listIn(kept.input), ...saidIn(ended(kept))])
  }

  /** The newest ones may not be written yet. */
  async #chain(key: KeyId, id: string): Promise<readonly KeptResponse[]> {
    const waiting: KeptResponse[] = []
    let at: string | null = id
    while (at !== null && waiting.length < maxChain) {
      const kept = this.#queue.find(key, at)
      if (kept === null) break
      waiting.unshift(kept)
      at = kept.previousId
    }
    if (at === null || waiting.length >= maxChain) return waiting
    return [...(await this.#parts.store.chain(key, at, maxChain - waiting.length)), ...waiting]
  }

  async #resolved(key: KeyId, input: unknown, rested: readonly Json[]): Promise<unknown> {
    const list = Array.isArray(input) ? (input as readonly unknown[]) : []
    const known = new Map(rested.map((item) => [item.id, item]))
    const wanted = list.flatMap((item) => referenceIn(item) ?? []).filter((id) => !known.has(id))
    if (wanted.length > maxReferences) throw tooManyReferences(wanted.length)
    const waiting = this.#queue.holding(key, new Set(wanted))
    const kept = [...waiting, ...(await this.#parts.store.holding(key, wanted))]
    for (const one of kept) for (const item of saidIn(objectIn(one.response))) known.set(item.id, item)
    return list.flatMap((item, index) => {
      const id = referenceIn(item)
      if (id === null) return [item]
      const found = known.get(id)
      if (found === undefined) throw unknownItem(id, index)
      // What is there already is not said twice.
      return rested.includes(found) ? [] : [found]
    })
  }
}

/** Nothing to keep, nothing that it rests on: the bytes pass as they came. */
const untouched = (body: Json): Prepared => ({
  body: body.store === false ? body : { ...body, store: false },
  edits: body.store === false ? {} : { store: 'false' },
  isKept: false,
  members: null,
  itemsText: '[]',
})

function previousOf(body: Json): string | null {
  const id = body.previous_response_id
  if (id === undefined || id === null) return null
  if (typeof id === 'string' && id !== '') return id
  throw new AppError('invalid', 'previous_response_id must be the id of a response (a text).', {
    reason: 'invalid_request',
    param: 'previous_response_id',
  })
}

const listIn = (text: string): readonly Json[] => JSON.parse(text) as readonly Json[]
const objectIn = (text: string): Json => JSON.parse(text) as Json

function ended({ id, response }: KeptResponse): Json {
  const parsed = objectIn(response)
  if (parsed.status === 'completed' || parsed.status === 'incomplete') return parsed
  throw new AppError('invalid', `The response "${id}" is ${String(parsed.status)}; nothing can rest on it.`, {
    reason: 'previous_response_unusable',
    param: 'previous_response_id',
  })
}

export function unknownResponse(id: string): AppError {
  return new AppError('not_found', `There is no response "${id.slice(0, 100)}" for this key; it may have expired.`, {
    reason: 'response_not_found',
    param: 'response_id',
  })
}

function unknownPrevious(id: string): AppError {
  return new AppError(
    'not_found',
    `There is no response "${id.slice(0, 100)}" for this key: it was made with store: false, has expired, or Hearth keeps ` +
      'none (`responses.store`). Send the whole conversation as input.',
    { reason: 'previous_response_not_found', param: 'previous_response_id' },
  )
}

function brokenChain(id: string, missing: string, isLong: boolean): AppError {
  const why = isLong ? `more than ${maxChain} others` : `"${missing}", which is not kept any more`
  return new AppError('not_found', `The response "${id}" rests on ${why}; send the whole conversation as input.`, {
    reason: 'previous_response_not_found',
    param: 'previous_response_id',
  })
}

function tooLong(id: string, size: number, limit: number): AppError {
  return new AppError(
    'too_large',
    `All that "${id}" rests on is ${formatBytes(size)}, more than a request may be (${formatBytes(limit)}); begin anew.`,
    { reason: 'conversation_too_large', param: 'previous_response_id' },
  )
}

function unknownItem(id: string, index: number): AppError {
  return new AppError('not_found', `There is no item "${id.slice(0, 100)}" in the responses kept for this key.`, {
    reason: 'item_not_found',
    param: `input[${index}]`,
  })
}

function tooManyReferences(count: number): AppError {
  const message = `The input refers to ${count} items, more than ${maxReferences}; send the items themselves.`
  return new AppError('invalid', message, { reason: 'too_many_references', param: 'input' })
}
