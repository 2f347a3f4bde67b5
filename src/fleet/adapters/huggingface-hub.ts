import { AppError } from '#kernel/errors.ts'
import type { DownloadExit } from '#platform/egress/contract.ts'
import type { HubFile } from '../service/pulls/reference.ts'
import type { Hub, HubAnswer, HubPlace } from '../service/pulls/transfer.ts'

export interface HuggingfaceOptions {
  readonly download: DownloadExit
  /** `https://huggingface.co` or a mirror; without a trailing slash. */
  readonly baseUrl: string
  /** Sent to that origin alone; the egress door drops it at a redirect to another. */
  readonly token: string | null
}

const listBytes = 16 * 1024 * 1024
const listMs = 30_000
const idleMs = 60_000
const maxPages = 50
const maxFiles = 50_000

/**
 * The hub's HTTP: https://huggingface.co/docs/hub/api (tree, with pages by Link) and `resolve`, which leads to a
 * CDN.
 */
export function createHuggingfaceHub(options: HuggingfaceOptions): Hub {
  const { download, baseUrl, token } = options
  const auth: Readonly<Record<string, string>> = token === null ? {} : { authorization: `Bearer ${token}` }
  return {
    async files({ repo, revision }, signal) {
      const files: HubFile[] = []
      let url: string | null =
        `${baseUrl}/api/models/${encodePath(repo)}/tree/${encodeURIComponent(revision)}?recursive=1`
      for (let page = 0; url !== null && page < maxPages && files.length < maxFiles; page++) {
        const answer = await download.text(url, { limitBytes: listBytes, timeoutMs: listMs, signal, headers: auth })
        if (answer.status !== 200) throw refusal({ ...answer, repo, revision, hasToken: token !== null, baseUrl })
        files.push(...filesIn(answer.text, baseUrl))
        url = nextPage(answer.headers, baseUrl)
      }
      return files
    },
    async open(at, { offset, etag, signal }) {
      const url = `${baseUrl}/${encodePath(at.repo)}/resolve/${encodeURIComponent(at.revision)}/${encodePath(at.path)}`
      const headers = etag === null || offset === 0 ? auth : { ...auth, 'if-range': etag }
      const opened = await download.open(url, { offset, idleMs, signal, headers })
      if (opened.kind === 'failed') return { kind: 'failed', isFinal: opened.reason === 'tls', message: opened.message }
      const chunks = opened.chunks()
      if (opened.status === 200 || opened.status === 206) {
        return {
          kind: 'answer',
          offset: opened.status === 206 ? startOf(opened.headers, offset) : 0,
          etag: opened.headers.get('etag'),
          chunks,
        }
      }
      chunks.cancel()
      return refusedDownload({ status: opened.status, headers: opened.headers, at, hasToken: token !== null, baseUrl })
    },
  }
}

function refusedDownload(given: {
  readonly status: number
  readonly headers: Headers
  readonly at: HubPlace & { readonly path: string }
  readonly hasToken: boolean
  readonly baseUrl: string
}): HubAnswer {
  const { status, headers, at, hasToken, baseUrl } = given
  const isPassing = status === 429 || status === 408 || status >= 500
  const error = refusal({ status, headers, ...at, hasToken, baseUrl })
  return { kind: 'failed', isFinal: !isPassing, message: error.message }
}

interface Refused {
  readonly status: number
  readonly headers: Headers
  readonly repo: string
  readonly revision: string
  readonly path?: string
  readonly hasToken: boolean
  readonly baseUrl: string
}

/** What the hub's refusal means, in words that say what to do. */
function refusal({ status, headers, repo, revision, path, hasToken, baseUrl }: Refused): AppError {
  const code = headers.get('x-error-code') ?? ''
  const host = new URL(baseUrl).host
  const what = path === undefined ? repo : `${repo}:${path}`
  if (code === 'GatedRepo' || (status === 403 && code === '')) {
    const how = hasToken
      ? `the account of HF_TOKEN has not been granted access. Accept its terms at ${baseUrl}/${repo}`
      : `set HF_TOKEN to the token of an account that was granted access at ${baseUrl}/${repo}`
    return new AppError('forbidden', `${repo} is gated: ${how}, then pull again.`, { reason: 'gated' })
  }
  if (status === 401) {
    const how = hasToken
      ? 'HF_TOKEN is not valid there, or may not read it'
      : 'it does not exist, or it is private: then set HF_TOKEN'
    return new AppError('not_found', `${host} does not show ${what}: ${how}.`, {
      reason: 'repo_not_found',
      param: 'ref',
    })
  }
  if (status === 404) {
    const missing = code === 'RevisionNotFound' ? `revision ${revision} of ${repo}` : what
    return new AppError('not_found', `${host} has no ${missing}.`, { reason: 'not_on_hub', param: 'ref' })
  }
  if (status === 429)
    return new AppError('unavailable', `${host} wants fewer requests (429): pull again in a while.`, {
      reason: 'hub_limited',
    })
  return new AppError('upstream', `${host} answered ${status} for ${what}.`, { reason: 'hub_error' })
}

function filesIn(text: string, baseUrl: string): readonly HubFile[] {
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch {
    entries = null
  }
  if (!Array.isArray(entries)) {
    const message = `${new URL(baseUrl).host} does not answer as a Hugging Face hub does: check hub.huggingface.`
    throw new AppError('upstream', message, { reason: 'hub_error' })
  }
  return entries.flatMap((entry: unknown) => {
    if (!isRecord(entry) || entry['type'] !== 'file' || typeof entry['path'] !== 'string') return []
    const large = isRecord(entry['lfs']) ? entry['lfs'] : {}
    const sizeBytes = typeof large['size'] === 'number' ? large['size'] : entry['size']
    if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return []
    const oid = large['oid']
    // Some mirrors write the oid with the name of its algorithm.
    const sha256 = typeof oid === 'string' ? (/^(?:sha256:)?([0-9a-f]{64})$/.exec(oid)?.[1] ?? null) : null
    return [{ path: entry['path'], sizeBytes, sha256 }]
  })
}

/** `<…>; rel="next"`. A mirror may write the origin of the hub that it mirrors: only the path and the query count. */
function nextPage(headers: Headers, baseUrl: string): string | null {
  const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1]
  if (next === undefined || !URL.canParse(next, baseUrl)) return null
  const url = new URL(next, baseUrl)
  return `${new URL(baseUrl).origin}${url.pathname}${url.search}`
}

function startOf(headers: Headers, asked: number): number {
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]
  return start === undefined ? asked : Number(start)
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
