import type { MonoMs } from '#kernel/time.ts'
import type {
  Destination,
  OutSocket,
  SendFailure,
  SocketAsk,
  SocketExit,
  SocketOpened,
  SocketOptions,
} from './contract.ts'
import { failureSentence } from './failures.ts'
import { inferenceHeadersOf } from './headers.ts'
import type { InferenceParts } from './inference.ts'
import type { Due, Sweep } from './sweep.ts'
import type { Way } from './ways.ts'

/** More than this in the queue to an upstream is `full`, until the queue is empty again. */
const highWaterBytes = 1024 * 1024
/** The runtime tells nobody when its queue is empty: it is asked. */
const drainAskMs = 20

/**
 * The way out for WebSockets, within the house. None leads to a cloud: what is said on an open line nobody could look
 * at before it is gone.
 */
export class SocketDoor implements SocketExit {
  readonly #parts: InferenceParts

  constructor(parts: InferenceParts) {
    this.#parts = parts
  }

  async open(to: Destination, what: SocketAsk, options: SocketOptions): Promise<SocketOpened> {
    const { ways } = this.#parts
    const way = ways.known(to) ?? (await ways.find(to))
    if (way.kind === 'unresolved') return failed(to, 'dns')
    if (way.kind === 'forbidden') return { kind: 'denied', reason: 'egress_denied', message: way.message }
    if (way.locality === 'cloud') return { kind: 'denied', reason: 'egress_denied', message: noCloud(to) }
    if (options.signal.aborted) return failed(to, 'aborted')
    if (way.prefixes.length === 0) return failed(to, 'dns')
    return this.#connect({ to, what, options, way })
  }

  #connect({ to, what, options, way }: Job): Promise<SocketOpened> {
    const { sweep, clock, userAgent } = this.#parts
    const headers = inferenceHeadersOf(what.headers, userAgent)
    delete headers['content-type']
    const trace = what.headers['traceparent']
    if (trace !== undefined) headers['traceparent'] = trace
    const prefix = way.prefixes[way.preferred] ?? way.namedPrefix
    if (way.host !== null) headers['host'] = way.host
    const socket = new WebSocket(prefix.replace(/^http/, 'ws') + what.path, {
      // No subprotocols: the runtime refuses servers that are offered some and take none, as many do.
      headers,
      // Sound is compressed already, and a small frame could unfold to one that fills the memory.
      perMessageDeflate: false,
      ...(way.tls ? { tls: way.tls } : {}),
    })
    socket.binaryType = 'nodebuffer'
    return new Promise((resolve) => {
      const dueAt = clock.mono() + options.openMs
      const session = new Session({ socket, options, sweep, dueAt, resolve, fail: (reason) => failed(to, reason) })
      session.begin()
    })
  }
}

interface Job {
  readonly to: Destination
  readonly what: SocketAsk
  readonly options: SocketOptions
  readonly way: Way
}

interface SessionParts {
  readonly socket: WebSocket
  readonly options: SocketOptions
  readonly sweep: Sweep
  readonly dueAt: MonoMs
  readonly resolve: (opened: SocketOpened) => void
  readonly fail: (reason: SendFailure) => SocketOpened
}

/** One WebSocket: opening → open → closed. Who opened it hears of its end once. */
class Session implements OutSocket, Due {
  readonly #parts: SessionParts
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #refusal: SocketOpened | null = null
  #draining: ReturnType<typeof setInterval> | null = null

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  begin(): void {
    const { socket, sweep, options } = this.#parts
    sweep.watch(this)
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
    socket.addEventListener('open', () => this.#opened())
    socket.addEventListener('message', ({ data }) => this.#message(data as string | Uint8Array))
    socket.addEventListener('error', (event) => this.#errored(event))
    socket.addEventListener('close', ({ code, reason }) => this.#ended(code, reason))
  }

  send(data: string | Uint8Array): 'sent' | 'full' | 'closed' {
    const { socket } = this.#parts
    if (this.#state !== 'open' || socket.readyState !== WebSocket.OPEN) return 'closed'
    socket.send(data)
    if (socket.bufferedAmount <= highWaterBytes) return 'sent'
    this.#draining ??= setInterval(() => this.#askDrained(), drainAskMs)
    return 'full'
  }

  pause(): void {
    this.#parts.socket.pause()
  }

  resume(): void {
    this.#parts.socket.resume()
  }

  close(code: number, reason: string): void {
    // What waits to be read would keep the other side's answer to the close from us.
    this.resume()
    this.#parts.socket.close(code, reason)
  }

  cut(): void {
    this.#parts.socket.terminate()
  }

  dueAt(): MonoMs {
    const { options, dueAt } = this.#parts
    return options.isGivenUp?.() === true ? -Infinity : dueAt
  }

  expire(): void {
    this.#refuse(this.#parts.options.isGivenUp?.() === true ? 'aborted' : 'timeout')
  }

  readonly #onAbort = (): void => {
    if (this.#state === 'opening') this.#refuse('aborted')
    else this.cut()
  }

  #refuse(reason: SendFailure): void {
    if (this.#state !== 'opening') return
    this.#refusal = this.#parts.fail(reason)
    this.cut()
    this.#ended(1006, '')
  }

  #opened(): void {
    if (this.#state !== 'opening') return this.cut()
    this.#state = 'open'
    this.#parts.sweep.forget(this)
    this.#parts.resolve({ kind: 'open', socket: this })
  }

  #message(data: string | Uint8Array): void {
    if (this.#state !== 'open') return
    const { listener, maxMessageBytes } = this.#parts.options
    if (data.length <= maxMessageBytes) return listener.message(data)
    this.#ended(1009, 'the upstream sent a message that is too long')
    this.cut()
  }

  /** The runtime's sentence is all there is of an answer that is no WebSocket; its address is not passed on. */
  #errored(event: unknown): void {
    const message = String((event as { readonly message?: unknown }).message)
    const status = /Expected 101 status code: (\d{3})/.exec(message)?.[1]
    if (status !== undefined) this.#refusal ??= { kind: 'refused', status: Number(status) }
    else if (/certificate|TLS|SSL/i.test(message)) this.#refusal ??= this.#parts.fail('tls')
    else if (/Failed to connect/i.test(message)) this.#refusal ??= this.#parts.fail('refused')
    else this.#refusal ??= this.#parts.fail('malformed')
  }

  #ended(code: number, reason: string): void {
    const { resolve, options, sweep, fail } = this.#parts
    const { signal, listener } = options
    const before = this.#state
    if (before === 'closed') return
    this.#state = 'closed'
    sweep.forget(this)
    signal.removeEventListener('abort', this.#onAbort)
    if (this.#draining) clearInterval(this.#draining)
    if (before === 'opening') resolve(this.#refusal ?? fail('reset'))
    else listener.closed(code, reason)
  }

  #askDrained(): void {
    if (this.#parts.socket.bufferedAmount > 0) return
    if (this.#draining) clearInterval(this.#draining)
    this.#draining = null
    this.#parts.options.listener.drained()
  }
}

function failed(to: Destination, reason: SendFailure): SocketOpened {
  return { kind: 'failed', reason, message: failureSentence(`The upstream ${to.name}`, reason) }
}

function noCloud({ name }: Destination): string {
  return (
    `The upstream ${name} is a cloud, and what is said on an open line cannot be looked at before it leaves: ` +
    `use a local model for it.`
  )
}
