import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeRepo {
  readonly files: Readonly<Record<string, Uint8Array>>
  /** Only this token may read it. */
  readonly token?: string
}

export interface FakeHub extends AsyncDisposable {
  readonly url: string
  readonly cdnUrl: string
  /** `GET <path>` of every request, with where its token went. */
  readonly requests: {
    readonly path: string
    readonly at: 'hub' | 'cdn'
    readonly range: string | null
    readonly hasToken: boolean
  }[]
  /** The next answers of the CDN break off after so many bytes, one entry per answer. */
  readonly cuts: number[]
  /** The CDN sends other bytes than the hub promised. */
  isCorrupt: boolean
  /** Bytes per second and connection; Infinity = as fast as it goes. */
  bytesPerSecond: number
}

/**
 * A small Hugging Face hub: the tree API with pages, the resolve endpoint that redirects to a CDN on another origin,
 * LFS ids, ranges, gated repositories. It refuses what the real one refuses: the CDN answers 400 to a signed address
 * with a token. Contract: huggingface.co/docs/hub/api and the headers of `resolve` as observed (x-linked-etag,
 * x-linked-size, x-error-code).
 */
export async function startHub(
  repos: Readonly<Record<string, FakeRepo>>,
  options: { readonly pageSize?: number } = {},
): Promise<FakeHub> {
  const requests: FakeHub['requests'] = []
  const cuts: number[] = []
  const state = { isCorrupt: false, bytesPerSecond: Infinity }
  const note = (request: IncomingMessage, at: 'hub' | 'cdn') =>
    requests.push({
      path: request.url ?? '',
      at,
      range: request.headers.range ?? null,
      hasToken: request.headers.authorization !== undefined,
    })

  const blobs = new Map<string, Uint8Array>()
  for (const repo of Object.values(repos))
    for (const bytes of Object.values(repo.files)) blobs.set(sha256(bytes), bytes)

  const cdn = createServer((request, response) => {
    note(request, 'cdn')
    if (request.headers.authorization)
      return refuse(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed')
    const oid = /^\/blobs\/([0-9a-f]{64})\?/.exec(request.url ?? '')?.[1] ?? ''
    const bytes = blobs.get(oid)
    if (!bytes) return refuse(response, 403, 'AccessDenied', 'no such signature')
    sendBlob({
      request,
      response,
      oid,
      bytes: state.isCorrupt ? bytes.map((byte) => byte ^ 1) : bytes,
      cut: cuts.shift(),
      rate: state.bytesPerSecond,
    })
  })
  const cdnUrl = await listen(cdn)

  const hub = createServer((request, response) => {
    note(request, 'hub')
    const url = new URL(request.url ?? '/', 'http://hub')
    const match = /^\/(api\/models\/)?([^/]+\/[^/]+)\/(tree|resolve)\/([^/]+)(?:\/(.+))?$/.exec(decodeURI(url.pathname))
    const repo = repos[match?.[2] ?? '']
    // The real hub does not tell a private repository from one that does not exist.
    if (!match || !repo) return refuse(response, 401, 'RepoNotFound', 'Invalid username or password.')
    if (repo.token && request.headers.authorization !== `Bearer ${repo.token}`) {
      const status = request.headers.authorization ? 403 : 401
      return refuse(response, status, 'GatedRepo', 'Access to this model is restricted.')
    }
    if (match[4] !== 'main') return refuse(response, 404, 'RevisionNotFound', 'Invalid rev id')
    if (match[3] === 'tree')
      return sendTree({ response, url, repo, pageSize: options.pageSize ?? 1000, origin: hubUrl })
    const bytes = repo.files[match[5] ?? '']
    if (!bytes) return refuse(response, 404, 'EntryNotFound', 'Entry not found')
    const oid = sha256(bytes)
    response.writeHead(302, {
      location: `${cdnUrl}/blobs/${oid}?Signature=secret`,
      'x-linked-etag': `"${oid}"`,
      'x-linked-size': String(bytes.byteLength),
      'x-repo-commit': '0123456789abcdef0123456789abcdef01234567',
    })
    response.end()
  })
  const hubUrl = await listen(hub)

  return Object.assign(state, {
    url: hubUrl,
    cdnUrl,
    requests,
    cuts,
    async [Symbol.asyncDispose]() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections()
        server.close()
      }
    },
  })
}

export function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
}

function sendTree(job: { response: ServerResponse; url: URL; repo: FakeRepo; pageSize: number; origin: string }): void {
  const entries: unknown[] = []
  const folders = new Set<string>()
  for (const [path, bytes] of Object.entries(job.repo.files)) {
    const folder = path.split('/').slice(0, -1).join('/')
    if (folder && !folders.has(folder)) entries.push({ type: 'directory', oid: 'd0', size: 0, path: folder })
    folders.add(folder)
    const lfs = path.endsWith('.gguf') ? { lfs: { oid: sha256(bytes), size: bytes.byteLength, pointerSize: 134 } } : {}
    entries.push({ type: 'file', oid: sha256(bytes).slice(0, 40), size: bytes.byteLength, path, ...lfs })
  }
  const from = Number(job.url.searchParams.get('cursor') ?? 0)
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  if (from + job.pageSize < entries.length) {
    const next = new URL(job.url.pathname + job.url.search, job.origin)
    next.searchParams.set('cursor', String(from + job.pageSize))
    headers['link'] = `<${next.href}>; rel="next"`
  }
  job.response.writeHead(200, headers)
  job.response.end(JSON.stringify(entries.slice(from, from + job.pageSize)))
}

interface BlobJob {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly oid: string
  readonly bytes: Uint8Array
  readonly cut: number | undefined
  readonly rate: number
}

function sendBlob(job: BlobJob): void {
  const { request, response, oid, bytes } = job
  const etag = `"${oid}"`
  const ifRange = request.headers['if-range']
  const wanted =
    ifRange === undefined || ifRange === etag ? /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] : undefined
  const from = Number(wanted ?? 0)
  if (from > 0 && from >= bytes.byteLength) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` })
    response.end()
    return
  }
  const part = bytes.subarray(from)
  const range =
    wanted === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}` }
  response.writeHead(wanted === undefined ? 200 : 206, {
    etag,
    'content-length': String(part.byteLength),
    'accept-ranges': 'bytes',
    ...range,
  })
  if (job.cut !== undefined) {
    // A reset overtakes bytes that the client has not read yet: they are given time to arrive.
    const cut = setTimeout(() => response.destroy(), 50)
    response.on('close', () => clearTimeout(cut))
    response.write(part.subarray(0, job.cut))
    return
  }
  if (job.rate === Infinity) return void response.end(part)
  drip(response, part, job.rate)
}

function drip(response: ServerResponse, part: Uint8Array, rate: number): void {
  const step = Math.max(1, Math.ceil(rate / 100))
  let sent = 0
  const timer = setInterval(() => {
    response.write(part.subarray(sent, sent + step))
    sent += step
    if (sent < part.byteLength) return
    clearInterval(timer)
    response.end()
  }, 10)
  response.on('close', () => clearInterval(timer))
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'x-error-code': code, 'x-error-message': message, 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: message }))
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
