import { createChat } from './chat.ts'
import type { Chat } from './chat.ts'
import { createControl } from './control.ts'
import type { Control } from './control.ts'
import { streamEvents } from './events.ts'
import type { EventOptions } from './events.ts'
import { fetchTransport } from './fetch-transport.ts'
import type { Transport } from './transport.ts'
import type { HearthEvent, Status } from './types.ts'
import { createWire } from './wire.ts'
import type { CallOptions, Wire } from './wire.ts'

export type HearthOptions = {
  /** `hk-…`; not needed over the socket, whose caller owns the house, nor for `health` and `ready`. */
  readonly key?: string
  /** Ignored by browsers, which send their own. */
  readonly userAgent?: string
} & (
  | { readonly url: string; readonly fetch?: typeof globalThis.fetch }
  /** Path of `hearth.sock` in HEARTH_HOME; Node and Bun only. */
  | { readonly socket: string }
  | { readonly transport: Transport }
)

/** One house. Keeps no connection and no state of its own: it may be made anew for every call. */
export class Hearth {
  readonly #wire: Wire
  /** An URL or a socket's path, for messages. */
  readonly target: string
  readonly chat: Chat
  readonly models: Control['models']
  readonly keys: Control['keys']
  readonly pulls: Control['pulls']
  readonly engines: Control['engines']
  readonly config: Control['config']
  readonly routes: Control['routes']
  readonly pools: Control['pools']
  readonly library: Control['library']
  readonly suggestions: Control['suggestions']
  readonly requests: Control['requests']
  readonly request: Control['request']
  readonly usage: Control['usage']
  readonly usageCsv: Control['usageCsv']
  readonly allowances: Control['allowances']
  readonly audit: Control['audit']
  readonly auditLog: Control['auditLog']
  readonly sessions: Control['sessions']
  readonly tickets: Control['tickets']
  readonly privacy: Control['privacy']
  readonly users: Control['users']
  readonly teams: Control['teams']
  readonly account: Control['account']
  readonly catalogue: Control['catalogue']
  readonly tls: Control['tls']
  readonly admin: Control['admin']

  constructor(options: HearthOptions) {
    const transport = transportOf(options)
    this.#wire = createWire({ transport, key: options.key ?? null, userAgent: options.userAgent ?? null })
    this.target = transport.target
    this.chat = createChat(this.#wire)
    const control = createControl(this.#wire)
    this.models = control.models
    this.keys = control.keys
    this.pulls = control.pulls
    this.engines = control.engines
    this.config = control.config
    this.routes = control.routes
    this.pools = control.pools
    this.library = control.library
    this.suggestions = control.suggestions
    this.requests = control.requests
    this.request = control.request
    this.usage = control.usage
    this.usageCsv = control.usageCsv
    this.allowances = control.allowances
    this.audit = control.audit
    this.auditLog = control.auditLog
    this.sessions = control.sessions
    this.tickets = control.tickets
    this.privacy = control.privacy
    this.users = control.users
    this.teams = control.teams
    this.account = control.account
    this.catalogue = control.catalogue
    this.tls = control.tls
    this.admin = control.admin
  }

  /** Resolves when the process answers; needs no key. */
  async health(options?: CallOptions): Promise<void> {
    await this.#wire.text('GET', '/health', options)
  }

  /**
   * Resolves when the house takes requests; rejects with the house's reason while it starts or drains. Needs no key.
   */
  async ready(options?: CallOptions): Promise<void> {
    await this.#wire.text('GET', '/ready', options)
  }

  status(options?: CallOptions): Promise<Status> {
    return this.#wire.json('GET', '/api/status', options)
  }

  /** The live feed; see `streamEvents`. */
  events(options?: EventOptions): AsyncGenerator<HearthEvent> {
    return streamEvents(this.#wire, options)
  }

  /** Prometheus text. */
  metrics(options?: CallOptions): Promise<string> {
    return this.#wire.text('GET', '/metrics', options)
  }
}

function transportOf(options: HearthOptions): Transport {
  if ('transport' in options) return options.transport
  if ('socket' in options) return lazySocketTransport(options.socket)
  return fetchTransport({ url: options.url, ...(options.fetch ? { fetch: options.fetch } : {}) })
}

/** `node:http` is loaded at the first use only: browsers never reach it. */
function lazySocketTransport(path: string): Transport {
  return {
    target: path,
    async send(request) {
      const { socketTransport } = await import('./socket-transport.ts')
      return socketTransport(path).send(request)
    },
  }
}
