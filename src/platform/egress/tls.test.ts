import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'hearth-test-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** In a child, because the certificates that are trusted are read at the start of a process. */
const script = `
  import { createCell } from '#kernel/cell.ts'
  import { systemClock } from '#platform/clock.ts'
  import { silentLogger } from '#platform/log/logger.ts'
  import { openEgress } from '#platform/egress/egress.ts'
  const tls = { cert: await Bun.file('${folder}/cert.pem').text(), key: await Bun.file('${folder}/key.pem').text() }
  const peers = new Set()
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', tls, fetch(request, at) {
    peers.add(at.requestIP(request).port)
    return new Response(request.headers.get('host'))
  } })
  const policy = createCell({ proxy: null })
  const egress = openEgress({ policy, log: silentLogger, clock: systemClock, resolve: async () => ['127.0.0.1'] })
  const ask = async (host) => {
    const to = { name: 'here', baseUrl: 'https://' + host + ':' + server.port, locality: 'lan' }
    const what = { method: 'POST', path: '/', headers: {}, body: new Uint8Array(1), data: ['text'] }
    const deadlines = { firstByteMs: 60000, idleMs: 60000, totalMs: 60000 }
    const sent = await egress.inference.send(to, what, { deadlines, signal: new AbortController().signal })
    return sent.kind === 'answer' ? new TextDecoder().decode((await sent.bytes(100)).bytes).split(':')[0] : sent.reason
  }
  const answers = [await ask('good.test'), await ask('good.test'), await ask('other.test'), await ask('evil.test')]
  console.log(JSON.stringify({ answers, connections: peers.size }))
  process.exit(0)`

/** A certificate is made with openssl, which not every machine has. */
const withSystem = test.skipIf(process.env['HEARTH_TEST_SYSTEM'] !== '1')

withSystem(
  'TLS is spoken with the name, to the judged address, over kept connections (needs HEARTH_TEST_SYSTEM=1)',
  async () => {
    const names = 'subjectAltName=DNS:good.test,DNS:other.test'
    const make = Bun.spawnSync(
      [
        [
          'openssl',
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '2',
          '-subj',
          '/CN=good.test',
          '-addext',
          names,
        ],
        ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
      ].flat(),
    )
    expect(make.exitCode).toBe(0)
    const child = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
      cwd: `${import.meta.dir}/../../..`,
      env: { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') },
      stdout: 'pipe',
      stderr: 'inherit',
    })
    expect(JSON.parse(await child.stdout.text())).toEqual({
      answers: ['good.test', 'good.test', 'other.test', 'tls'],
      // One for each name: a connection that was proven for one name serves no other.
      connections: 2,
    })
  },
)
