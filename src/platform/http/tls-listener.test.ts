import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect, type SecureVersion } from 'node:tls'
import { issueCertificate, type IssuedCertificate } from '#platform/crypto/issue-certificate.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { until } from '../../../test/env/until.ts'
import { listen } from './listener.ts'
import type { Handler } from './router.ts'
import { listenTls, type TlsListener } from './tls-listener.ts'

const validFrom = Date.now() - 60_000
const validUntil = Date.now() + 86_400_000
const issue = (kind: 'authority' | 'server' | 'client', subject: string, by: IssuedCertificate | null) =>
  issueCertificate({ kind, subject, names: kind === 'server' ? ['127.0.0.1'] : [], validFrom, validUntil }, by)
const authority = issue('authority', 'authority', null)
const [first, second] = [issue('server', 'first', authority), issue('server', 'second', authority)]
const client = issue('client', 'laptop', authority)
const stranger = issue('client', 'stranger', issue('authority', 'another', null))
const tlsOf = (issued: IssuedCertificate, clientAuthority: string | null = null) => ({ ...issued, clientAuthority })

const open = (handler: Handler, more: { readonly clientAuthority?: string; readonly leaveMs?: number } = {}) =>
  listenTls({
    at: { host: '127.0.0.1', port: 0 },
    handler,
    log: silentLogger,
    idleSeconds: 30,
    tls: tlsOf(first, more.clientAuthority ?? null),
    leaveMs: more.leaveMs ?? 60_000,
  })

/** Whose certificate is shown and how, or why there was no connection. */
function look(
  port: number,
  how: { readonly maxVersion?: SecureVersion; readonly ca?: string; readonly own?: IssuedCertificate } = {},
): Promise<string> {
  const own = how.own === undefined ? {} : { cert: how.own.certificate, key: how.own.key }
  const minVersion: SecureVersion = 'TLSv1'
  const versions = how.maxVersion === undefined ? {} : { minVersion, maxVersion: how.maxVersion }
  return new Promise((resolve) => {
    const socket = connect(
      { host: '127.0.0.1', port, ca: how.ca ?? authority.certificate, ...own, ...versions },
      () => {
        resolve(`${socket.getPeerCertificate().subject.CN} ${socket.getProtocol()}`)
        socket.destroy()
      },
    )
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message)
      socket.destroy()
    })
  })
}

const ask = (address: string, init: RequestInit & { readonly own?: IssuedCertificate } = {}) => {
  const own = init.own === undefined ? {} : { cert: init.own.certificate, key: init.own.key }
  return fetch(address, { ...init, tls: { ca: authority.certificate, ...own } })
}

describe('a listener over TLS', () => {
  let listener: TlsListener
  beforeAll(() => {
    listener = open((_, at) =>
      Response.json({ from: at.from, isSecure: at.isSecure, hasCertificate: at.hasCertificate }),
    )
  })
  afterAll(() => listener.cut())

  test('answers who trusts its authority, and tells that it is safe', async () => {
    expect(listener.address).toBe(`https://127.0.0.1:${listener.port}`)
    const seen: unknown = await (await ask(listener.address)).json()
    expect(seen).toEqual({ from: '127.0.0.1', isSecure: true, hasCertificate: false })
  })

  test('is refused by who does not', async () => {
    expect(await look(listener.port ?? 0, { ca: second.certificate })).toMatch(/UNABLE_TO|SELF_SIGNED|verif/i)
    await expect(fetch(listener.address)).rejects.toThrow()
  })

  test.each([
    ['TLSv1.3', 'first TLSv1.3'],
    ['TLSv1.2', 'first TLSv1.2'],
  ] as const)('speaks %s', async (maxVersion, seen) => {
    expect(await look(listener.port ?? 0, { maxVersion })).toBe(seen)
  })

  test.each(['TLSv1.1', 'TLSv1'] as const)('does not speak %s', async (maxVersion) => {
    expect(await look(listener.port ?? 0, { maxVersion })).toMatch(/PROTOCOL|protocol|ECONNRESET|version/)
  })

  test('tells when its port is taken instead of sharing it', () => {
    const taken = { host: '127.0.0.1', port: listener.port ?? 0 }
    const again = { at: taken, handler: () => new Response(), log: silentLogger, idleSeconds: 30 }
    expect(() => listenTls({ ...again, tls: tlsOf(first), leaveMs: 1 })).toThrow('is taken')
    expect(() => listen(again)).toThrow('is taken')
  })

  test('tells when its certificate is none', () => {
    const at = { host: '127.0.0.1', port: 0 }
    const tls = { certificate: 'x', key: 'y', clientAuthority: null }
    const options = { at, tls, handler: () => new Response(), log: silentLogger, idleSeconds: 30, leaveMs: 1 }
    expect(() => listenTls(options)).toThrow('check the host, the port, the certificate and its key')
  })
})

describe('a certificate that is replaced', () => {
  test('is shown to new connections, while an answer that runs goes on to its end', async () => {
    const gate = Promise.withResolvers<void>()
    const listener = open(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              controller.enqueue(new TextEncoder().encode('begun '))
              await gate.promise
              controller.enqueue(new TextEncoder().encode('ended'))
              controller.close()
            },
          }),
        ),
      { leaveMs: 1 },
    )
    const running = await ask(listener.address)
    const reader = running.body?.getReader()
    const begun = await reader?.read()
    listener.replace(tlsOf(second))
    await until('the new one is shown', async () => (await look(listener.port ?? 0)) === 'second TLSv1.3')
    gate.resolve()
    const rest = await reader?.read()
    const text = [begun?.value, rest?.value].map((bytes) => new TextDecoder().decode(bytes as Uint8Array)).join('')
    expect(text).toBe('begun ended')
    await listener.stop()
  })

  test('drops no request under load, on connections that are kept and on new ones', async () => {
    const listener = open(async (request) => new Response(await request.text()), { leaveMs: 250 })
    const state = { isOver: false, good: 0, bad: [] as string[] }
    const work = async (keepalive: boolean) => {
      while (!state.isOver) {
        try {
          const answer = await ask(listener.address, { method: 'POST', body: 'hello', keepalive })
          if ((await answer.text()) === 'hello') state.good++
        } catch (error) {
          state.bad.push(String(error))
        }
      }
    }
    const workers = Array.from({ length: 8 }, (_, index) => work(index % 2 === 0))
    for (let round = 0; round < 6; round++) {
      const before = state.good
      listener.replace(tlsOf(round % 2 === 0 ? second : first))
      await until('more were answered', () => state.good > before + 100, 30_000)
    }
    state.isOver = true
    await Promise.all(workers)
    expect(state.bad).toEqual([])
    expect(state.good).toBeGreaterThan(600)
    expect(await look(listener.port ?? 0)).toBe('first TLSv1.3')
    await listener.stop()
  }, 60_000)
})

describe('a listener for clients with a certificate', () => {
  let listener: TlsListener
  beforeAll(() => {
    listener = open((_, at) => new Response(String(at.hasCertificate)), { clientAuthority: authority.certificate })
  })
  afterAll(() => listener.cut())

  test('answers who has one of the right authority', async () => {
    expect(await (await ask(listener.address, { own: client })).text()).toBe('true')
  })

  test.each([
    ['none', undefined],
    ['one of another authority', stranger],
    ['one that is a server’s', second],
  ])('refuses who has %s', async (_, own) => {
    await expect(
      ask(listener.address, own === undefined ? {} : { own }).then((answer) => answer.text()),
    ).rejects.toThrow()
  })
})
