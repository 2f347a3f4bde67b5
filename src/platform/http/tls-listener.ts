import { addressOf, openServer, type Listener, type ListenOptions, type ServerTls } from './listener.ts'
import { listeningSockets, preferListener } from './newest-listener.ts'
import type { Handler } from './router.ts'

export interface TlsListenOptions extends ListenOptions {
  readonly at: { readonly host: string; readonly port: number }
  readonly tls: ServerTls
  /**
   * How long after a replacement the former listener goes on for those who are connected: longer than connections may
   * idle, so that none of them is cut.
   */
  readonly leaveMs: number
}

export interface TlsListener extends Listener {
  /** From now on new connections are shown this one. Connections that are open stay as they are; none is dropped. */
  replace(tls: ServerTls): void
}

/**
 * A listener whose certificate can be changed while it runs. The runtime cannot change it in place, so a second server
 * opens on the same port and takes all new connections; the first one tells those that it has to come anew
 * (`connection: close`) and stops when they have gone.
 */
export function listenTls(options: TlsListenOptions): TlsListener {
  // Sharing the port is for ourselves only: another program that has it must be told, not joined.
  if (options.at.port !== 0) void openServer(options).stop(true)
  return new ReplaceableListener(options)
}

type Server = ReturnType<typeof openServer>

interface Opened {
  readonly server: Server
  /** The inode of its socket; null where the system does not tell. */
  readonly inode: string | null
  isLeaving: boolean
  timer: ReturnType<typeof setTimeout> | null
}

class ReplaceableListener implements TlsListener {
  readonly #options: TlsListenOptions
  readonly #port: number
  #current: Opened
  readonly #leaving = new Set<Opened>()
  /** In the order in which the kernel has them: who goes is replaced by the last. */
  readonly #group: Opened[] = []

  constructor(options: TlsListenOptions) {
    this.#options = options
    this.#current = this.#open(options.at.port, options.tls)
    this.#port = this.#current.server.port ?? options.at.port
  }

  get address(): string {
    return addressOf(this.#options, this.#port)
  }

  get port(): number {
    return this.#port
  }

  replace(tls: ServerTls): void {
    const former = this.#current
    this.#current = this.#open(this.#port, tls)
    this.#prefer()
    former.isLeaving = true
    this.#leaving.add(former)
    former.timer = setTimeout(() => void this.#end(former), this.#options.leaveMs)
    former.timer.unref()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#leaving, this.#current].map((opened) => this.#end(opened)))
  }

  async cut(): Promise<void> {
    await Promise.all([...this.#leaving, this.#current].map(({ server }) => server.stop(true)))
  }

  #open(port: number, tls: ServerTls): Opened {
    const { at, handler } = this.#options
    const before = listeningSockets(port)
    const state: { opened: Opened | null } = { opened: null }
    const leaving: Handler = (request, connection) => {
      const answer = handler(request, connection)
      return state.opened?.isLeaving ? Promise.resolve(answer).then(closing) : answer
    }
    const server = openServer({ ...this.#options, tls, handler: leaving, at: { host: at.host, port } }, true)
    const inode = [...listeningSockets(server.port ?? port).keys()].find((one) => !before.has(one)) ?? null
    state.opened = { server, inode, isLeaving: false, timer: null }
    this.#group.push(state.opened)
    return state.opened
  }

  #prefer(): void {
    const { inode } = this.#current
    const fd = inode === null ? undefined : listeningSockets(this.#port).get(inode)
    const index = this.#group.indexOf(this.#current)
    if (fd !== undefined && preferListener(fd, index)) return
    const { log, at } = this.#options
    log.debug('new connections are shared with the former listener for a while', { host: at.host, port: this.#port })
  }

  /** Takes no new connections; resolves when every running answer has ended. */
  async #end(opened: Opened): Promise<void> {
    if (opened.timer) clearTimeout(opened.timer)
    opened.timer = null
    const stopped = opened.server.stop()
    this.#forget(opened)
    await stopped
    this.#leaving.delete(opened)
  }

  #forget(opened: Opened): void {
    const at = this.#group.indexOf(opened)
    const last = this.#group.pop()
    if (at < 0 || last === undefined) return
    if (at < this.#group.length) this.#group[at] = last
    if (this.#group.length > 1) this.#prefer()
  }
}

function closing(response: Response): Response {
  response.headers.set('connection', 'close')
  return response
}
