import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import OpenAI from 'openai'
import { issueCertificate } from '../../src/platform/crypto/issue-certificate.ts'
import { repositoryRoot, startHouse, testAdminKey, type House } from '../env/house.ts'
import { chromiumPath, startPageBrowser } from '../env/page-browser.ts'
import { desk, pageTestMs, visible } from '../env/page-visit.ts'
import { python, pythonWithClients, runPython } from '../env/python-client.ts'
import { until } from '../env/until.ts'
import { startOpenaiUpstream, type OpenaiUpstream } from '../fakes/openai-upstream.ts'
import { startRealtimeUpstream, type RealtimeUpstream } from '../fakes/realtime-upstream.ts'

interface TlsView {
  readonly listeners: readonly { readonly kind: string; readonly address: string }[]
  readonly certificate: { readonly fingerprint: string; readonly names: readonly string[] }
  readonly authority: { readonly file: string; readonly fingerprint: string }
  readonly problems: readonly string[]
}
interface ClientCertificate {
  readonly certificate: string
  readonly key: string
}

const viewOf = (house: House) => house.get<TlsView>('/api/tls')
const addressOf = async (house: House, kind: string): Promise<string> =>
  (await viewOf(house)).listeners.find((listener) => listener.kind === kind)?.address ?? ''
const authorityOf = (house: House): Promise<string> => readFile(join(house.home, 'tls', 'ca.crt'), 'utf8')
const authorization = `Bearer ${testAdminKey}`

let upstream: OpenaiUpstream
let voice: RealtimeUpstream
let house: House
let https: string
let ca: string

beforeAll(async () => {
  upstream = await startOpenaiUpstream()
  voice = await startRealtimeUpstream()
  house = await startHouse({
    config: `
server:
  host: [127.0.0.1, 127.0.0.2]
  tls: { selfSigned: true, port: 0 }
  mutualTls: { port: 0, trust: true }
  names: [hearth.test]
  trustedProxies: [192.0.2.1]
upstreams:
  - { name: up, baseUrl: "${upstream.url}", apiKey: "${upstream.key}", models: [echo] }
  - { name: voice, baseUrl: "${voice.url}", apiKey: "${voice.key}", models: [gpt-realtime] }
`,
  })
  https = await addressOf(house, 'https')
  ca = await authorityOf(house)
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await voice[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

const secure = (path: string) => fetch(`${https}${path}`, { tls: { ca }, headers: { authorization } })

/** Runs a program of another runtime, as people have it. */
async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([...argv], {
    cwd: repositoryRoot,
    env: { PATH: process.env['PATH'] ?? '', HOME: house.home, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { out: out.trim(), err, code }
}

const nodeClient = `
import OpenAI from 'openai'
const client = new OpenAI({ baseURL: process.argv[1] + '/v1', apiKey: process.argv[2], maxRetries: 0 })
const ask = { model: 'up/echo', messages: [{ role: 'user', content: 'hi' }] }
const whole = await client.chat.completions.create(ask)
let streamed = ''
for await (const chunk of await client.chat.completions.create({ ...ask, stream: true }))
  streamed += chunk.choices[0]?.delta?.content ?? ''
console.log(JSON.stringify([whole.choices[0].message.content.length > 0, streamed.length > 0]))
`
const askWithNode = (env: Readonly<Record<string, string>>) =>
  run(['node', '--input-type=module', '-e', nodeClient, https, testAdminKey], env)

describe('a house with an authority of its own', () => {
  test('answers the unmodified OpenAI client of Node, whole and streamed', async () => {
    const answered = await askWithNode({ NODE_EXTRA_CA_CERTS: join(house.home, 'tls', 'ca.crt') })
    expect([answered.out, answered.code]).toEqual(['[true,true]', 0])
  }, 30_000)

  test('is refused by a client that was not given the authority', async () => {
    const refused = await askWithNode({})
    expect(refused.code).not.toBe(0)
    expect(refused.err).toMatch(/UNABLE_TO_VERIFY|unable to verify|self-signed/i)
    await expect(fetch(`${https}/health`)).rejects.toThrow()
  }, 30_000)

  test('gives its authority to whoever asks, and tells fingerprints to compare', async () => {
    expect(await (await fetch(`${house.url}/api/tls/ca.crt`)).text()).toBe(ca)
    const { authority, certificate, problems } = await viewOf(house)
    expect(new Bun.CryptoHasher('sha256').update(derOf(ca)).digest('hex')).toBe(plainOf(authority.fingerprint))
    expect(certificate.names).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '127.0.0.2', 'hearth.test']))
    expect(problems).toEqual([])
    expect(house.logs()).toContain(certificate.fingerprint)
    expect(house.logs()).toContain(authority.file)
  })

  test('keeps its keys to itself', async () => {
    const modes = ['ca.key', 'server.pem'].map(async (name) => (await stat(join(house.home, 'tls', name))).mode & 0o777)
    expect(await Promise.all(modes)).toEqual([0o600, 0o600])
  })

  test('carries events and sockets too', async () => {
    const events = await secure('/api/events')
    const reader = events.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value as Uint8Array)).toContain('hello')
    await reader?.cancel()
    const address = `${https.replace('https', 'wss')}/v1/realtime?model=voice/gpt-realtime`
    const socket = new WebSocket(address, { headers: { authorization }, tls: { ca } })
    const first = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => resolve(String(data)))
      socket.addEventListener('error', () => reject(new Error('the socket broke')))
    })
    expect(first).toContain('session.created')
    socket.close()
  })

  test('signs a browser in with a cookie that never goes over plain HTTP', async () => {
    const body = JSON.stringify({ key: testAdminKey })
    const headers = { 'content-type': 'application/json' }
    const signIn = (init: { readonly url: string; readonly headers?: Readonly<Record<string, string>> }) =>
      fetch(`${init.url}/api/sessions`, { method: 'POST', body, headers: { ...headers, ...init.headers }, tls: { ca } })
    const cookieOf = (answer: Response) => answer.headers.get('set-cookie') ?? ''
    const cookie = cookieOf(await signIn({ url: https }))
    expect(cookie).toMatch(/^__Host-hearth_session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/)
    const me = await fetch(`${https}/api/session`, { headers: { cookie: cookie.split(';')[0] ?? '' }, tls: { ca } })
    expect(me.status).toBe(200)
    expect(cookieOf(await signIn({ url: house.url }))).not.toContain('Secure')
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
    expect(cookieOf(await signIn({ url: house.url, headers: proxied }))).not.toContain('Secure')
  })

  test('replaces its certificate under load without losing a request', async () => {
    const before = (await viewOf(house)).certificate.fingerprint
    const state = { isOver: false, good: 0, bad: [] as string[] }
    const client = new OpenAI({
      baseURL: `${https}/v1`,
      apiKey: testAdminKey,
      maxRetries: 0,
      fetch: (url: string | URL | Request, init?: RequestInit) => fetch(url, { ...init, tls: { ca } }),
    })
    const work = async () => {
      while (!state.isOver) {
        try {
          await client.chat.completions.create({ model: 'up/echo', messages: [{ role: 'user', content: 'hi' }] })
          state.good++
        } catch (error) {
          state.bad.push(String(error))
        }
      }
    }
    const workers = Array.from({ length: 6 }, work)
    for (let round = 0; round < 3; round++) {
      const reached = state.good
      expect((await house.ask('/api/tls/renew', { method: 'POST' })).status).toBe(200)
      await until('more were answered', () => state.good > reached + 50, 30_000)
    }
    state.isOver = true
    await Promise.all(workers)
    expect(state.bad).toEqual([])
    expect((await viewOf(house)).certificate.fingerprint).not.toBe(before)
    expect(await authorityOf(house)).toBe(ca)
    const { data } = await house.get<{ data: { action: string }[] }>('/api/audit?limit=10')
    expect(data.filter(({ action }) => action === 'tls.renew')).toHaveLength(3)
  }, 60_000)
})

describe('clients with a certificate', () => {
  let mutual: string
  let own: ClientCertificate
  beforeAll(async () => {
    mutual = await addressOf(house, 'mutual')
    const made = await house.ask('/api/tls/client-certificates', { method: 'POST', body: '{"name":"laptop","days":7}' })
    own = (await made.json()) as ClientCertificate
  })
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${mutual}${path}`, { ...init, tls: { ca, cert: own.certificate, key: own.key } })

  test('use models without a key where that is said, by whatever name they come', async () => {
    expect((await ask('/v1/models')).status).toBe(200)
    expect((await ask('/v1/models', { headers: { host: 'hearth.test' } })).status).toBe(200)
  })

  test('may do nothing else without a key', async () => {
    expect([(await ask('/api/status')).status, (await ask('/metrics')).status]).toEqual([403, 403])
    expect((await ask('/v1/models', { headers: { authorization: `Bearer hk-${'a'.repeat(12)}` } })).status).toBe(401)
    expect((await ask('/v1/models', { headers: { origin: 'https://evil.example' } })).status).toBe(401)
  })

  test('are refused without one, and certificates are only for whom an administrator made them', async () => {
    await expect(fetch(`${mutual}/health`, { tls: { ca } }).then((answer) => answer.text())).rejects.toThrow()
    const made = await ask('/api/tls/client-certificates', { method: 'POST', body: '{"name":"other"}' })
    expect(made.status).toBe(403)
  })
})

describe('a proxy in front', () => {
  const told = { 'x-forwarded-for': '127.0.0.9, 203.0.113.7', 'x-forwarded-proto': 'https' }
  async function seenBy(one: House) {
    const body = JSON.stringify({ key: testAdminKey })
    const headers = { 'content-type': 'application/json', ...told }
    const signedIn = await fetch(`${one.url}/api/sessions`, { method: 'POST', body, headers })
    await one.ask('/api/keys', { method: 'POST', body: '{"name":"x"}', headers: told })
    const { data } = await one.get<{ data: { action: string; from: string }[] }>('/api/audit?limit=10')
    const from = data.find(({ action }) => action === 'key.create')?.from
    return { from, isSecure: (signedIn.headers.get('set-cookie') ?? '').endsWith('; Secure') }
  }

  test('that nobody trusts tells nothing', async () => {
    expect(await seenBy(house)).toEqual({ from: '127.0.0.1', isSecure: false })
  })

  test('that is trusted tells who calls and how', async () => {
    await using behind = await startHouse({ config: 'server: { trustedProxies: [127.0.0.1] }' })
    expect(await seenBy(behind)).toEqual({ from: '203.0.113.7', isSecure: true })
  }, 60_000)
})

describe('a house that is reached over HTTPS only', () => {
  test('sends browsers on, refuses programs, and says so for good', async () => {
    await using strict = await startHouse({ config: 'server: { http: redirect, tls: { selfSigned: true, port: 0 } }' })
    const own = await authorityOf(strict)
    expect(strict.url).toStartWith('https://')
    const { listeners } = (await (
      await fetch(`${strict.url}/api/tls`, { headers: { authorization }, tls: { ca: own } })
    ).json()) as TlsView
    const plain = listeners.find(({ kind }) => kind === 'redirect')?.address ?? ''
    const page = await fetch(`${plain}/?x=1`, { redirect: 'manual', headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('location')]).toEqual([308, `${strict.url}/?x=1`])
    const program = await fetch(`${plain}/v1/models`, { headers: { authorization } })
    expect([program.status, program.headers.get('x-hearth-error')]).toEqual([403, 'https_required'])
    const named = { host: 'hearth.test' }
    const answer = await fetch(`${strict.url}/health`, { headers: named, tls: { ca: own } })
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000')
  }, 60_000)

  test('opens no plain port at all when it is told so, and reads its files again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearth-own-'))
    const files = { certificate: join(folder, 'a.crt'), key: join(folder, 'a.key') }
    await writeOwn(files)
    const config = `server: { http: false, tls: { certificate: ${files.certificate}, key: ${files.key}, port: 0 } }`
    await using strict = await startHouse({ config })
    const look = async () => {
      const answer = await fetch(`${strict.url}/api/tls`, { headers: { authorization }, tls: { ca: own.certificate } })
      return (await answer.json()) as TlsView
    }
    const before = await look()
    expect(before.listeners.map(({ kind }) => kind)).toEqual(['https'])
    await writeOwn(files)
    await until('another is shown', async () => (await shownBy(strict.url)) !== before.certificate.fingerprint, 30_000)
    expect((await look()).certificate.fingerprint).toBe(await shownBy(strict.url))
    await rm(folder, { recursive: true })
  }, 60_000)
})

describe('addresses to listen on', () => {
  test('are all opened, and one that cannot be is named', async () => {
    expect((await fetch(house.url.replace('127.0.0.1', '127.0.0.2') + '/health')).status).toBe(200)
    const port = new URL(house.url).port
    const config = `server: { host: [127.0.0.3, 127.0.0.2] }`
    await expect(startHouse({ config, env: { HEARTH_PORT: port } })).rejects.toThrow(`127.0.0.2:${port}: port`)
  }, 60_000)
})

test.skipIf(!python)(
  'the OpenAI client of Python, on httpx, asks over HTTPS (needs HEARTH_TEST_SYSTEM=1)',
  async () => {
    const interpreter = await pythonWithClients()
    const script = `
import sys, openai
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2], max_retries=0)
answer = client.chat.completions.create(model="up/echo", messages=[{"role": "user", "content": "hi"}])
print(len(answer.choices[0].message.content) > 0)
`
    const argv = [interpreter, '-c', script, https, testAdminKey]
    const file = join(house.home, 'tls', 'ca.crt')
    expect((await runPython(argv, { SSL_CERT_FILE: file })).trim()).toBe('True')
    await expect(runPython(argv)).rejects.toThrow('CERTIFICATE_VERIFY_FAILED')
  },
  300_000,
)

test.skipIf(chromiumPath === null)(
  'the page in Chromium over HTTPS signs in with a Secure cookie (needs HEARTH_TEST_SYSTEM=1)',
  async () => {
    await using browser = await startPageBrowser({ viewport: desk, ignoresCertificates: true })
    const page = await browser.context.newPage()
    await page.goto(https)
    await page.getByLabel('Your key').fill(testAdminKey)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor(visible)
    await page.getByText('Live', { exact: true }).filter({ visible: true }).first().waitFor(visible)
    const cookies = await browser.context.cookies()
    expect(cookies.map(({ name, secure: isSecure, httpOnly }) => [name, isSecure, httpOnly])).toEqual([
      ['__Host-hearth_session', true, true],
    ])
    expect(browser.complaints).toEqual([])
  },
  pageTestMs,
)

const derOf = (pem: string): Uint8Array => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
const plainOf = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()

const times = { validFrom: Date.now() - 60_000, validUntil: Date.now() + 30 * 86_400_000 }
/** An authority that is not the house's. */
const own = issueCertificate({ kind: 'authority', subject: 'own', names: [], ...times }, null)

async function writeOwn(files: { readonly certificate: string; readonly key: string }): Promise<void> {
  const made = issueCertificate({ kind: 'server', subject: 'own', names: ['127.0.0.1'], ...times }, own)
  await writeFile(files.certificate, made.certificate)
  await writeFile(files.key, made.key)
}

/** The fingerprint of what a new connection is shown. */
function shownBy(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), ca: own.certificate }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
