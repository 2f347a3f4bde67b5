import { ApiError } from './errors.ts'
import type { Sampled, Sequence, Token } from './model.ts'

/** One sequence of the context: at most one request at a time has it. Its cache stays for the next request. */
export interface Slot {
  readonly id: number
  readonly sequence: Sequence
  /** Set while a request runs here. */
  watch: Watch | null
}

/** Sees every token that is sampled on a slot, whoever drives it. */
export interface Watch {
  readonly wantsProbabilities: boolean
  /** The next token is sampled when this resolves. */
  onSampled(sampled: Sampled): Promise<void> | undefined
}

export interface Slots {
  readonly processing: number
  readonly deferred: number
  /**
   * A free slot, the one whose cache has most of `prompt` first. Waits in a bounded queue, first come, first served;
   * rejects when the queue is full, and with the signal's reason when it aborts.
   */
  acquire(prompt: readonly Token[], signal: AbortSignal): Promise<Slot>
  release(slot: Slot): void
}

interface Waiter {
  readonly prompt: readonly Token[]
  readonly take: (slot: Slot) => void
}

export function createSlots(sequences: readonly Sequence[], maxDeferred: number): Slots {
  const free = new Set(sequences.map((sequence, id) => instrumented({ id, sequence, watch: null })))
  const queue: Waiter[] = []
  const taken = (prompt: readonly Token[]): Slot | null => {
    let best: Slot | null = null
    let most = -1
    for (const slot of free) {
      const same = slot.sequence.compareContextTokens(prompt).firstDifferentIndex
      if (same > most) [best, most] = [slot, same]
    }
    if (best !== null) free.delete(best)
    return best
  }
  return {
    get processing() {
      return sequences.length - free.size
    },
    get deferred() {
      return queue.length
    },
    acquire(prompt, signal) {
      if (signal.aborted) return Promise.reject(reasonOf(signal))
      const slot = queue.length === 0 ? taken(prompt) : null
      if (slot !== null) return Promise.resolve(slot)
      if (queue.length >= maxDeferred) {
        const message = `All ${sequences.length} slots are busy and ${queue.length} requests wait already.`
        return Promise.reject(new ApiError(503, message, { code: 'queue_full' }))
      }
      return new Promise((resolve, reject) => {
        const gone = (): void => {
          queue.splice(queue.indexOf(waiter), 1)
          reject(reasonOf(signal))
        }
        const waiter: Waiter = {
          prompt,
          take(given) {
            signal.removeEventListener('abort', gone)
            resolve(given)
          },
        }
        signal.addEventListener('abort', gone, { once: true })
        queue.push(waiter)
      })
    },
    release(slot) {
      slot.watch = null
      free.add(slot)
      const waiter = queue.shift()
      const given = waiter === undefined ? null : taken(waiter.prompt)
      if (given !== null) waiter?.take(given)
    },
  }
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))

/**
 * The library's chat loop asks its sequence for tokens without their probabilities and does not tell when it
 * sampled one. Replacing `evaluate` on the sequence shows both, and lets a slow reader slow the sampling.
 */
function instrumented(slot: Slot): Slot {
  const { sequence } = slot
  sequence.evaluate = async function* (tokens, options) {
    const wantsProbabilities = slot.watch?.wantsProbabilities ?? false
    const iterator = sequence.evaluateWithMetadata(tokens, { probabilities: wantsProbabilities }, options)
    let goOn: undefined | Token | Token[]
    try {
      for (;;) {
        const { value, done } = await iterator.next(goOn)
        if (done === true) return
        await slot.watch?.onSampled(value)
        goOn = yield value.token
      }
    } finally {
      await iterator.return()
    }
  }
  return slot
}
