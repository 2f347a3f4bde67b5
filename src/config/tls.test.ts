import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function load(yaml: string, more: { readonly host?: string; readonly missing?: readonly string[] } = {}) {
  const host = more.host === undefined ? {} : { HEARTH_HOST: more.host }
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada', ...host }),
    file: { path: '/etc/hearth/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: (path) => !(more.missing ?? []).includes(path),
  })
}

function config(yaml: string, host?: string) {
  const loaded = load(yaml, host === undefined ? {} : { host })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

test('unless it is said there is plain HTTP on loopback, and nothing to warn of', () => {
  const { config: found, warnings } = config('')
  expect(found.server).toMatchObject({ hosts: ['127.0.0.1'], http: 'serve', tls: null, mutualTls: null })
  expect(found.server).toMatchObject({ names: [], trustedProxies: [] })
  expect(warnings).toEqual([])
})

test.each([
  ['server: { host: 192.168.1.5 }', undefined, ['192.168.1.5']],
  ['server: { host: [127.0.0.1, "::1"] }', undefined, ['127.0.0.1', '::1']],
  ['server: { host: 192.168.1.5 }', '127.0.0.1, 100.64.0.7', ['127.0.0.1', '100.64.0.7']],
] as const)('%s with HEARTH_HOST=%p listens on %p', (yaml, variable, hosts) => {
  expect(config(yaml, variable).config.server.hosts).toEqual(hosts)
})

test('paths of certificates begin at the folder of the file', () => {
  const yaml =
    'server: { tls: { certificate: tls/a.crt, key: ~/a.key }, mutualTls: { port: 8444, clientCa: /x/ca.crt } }'
  const { server } = config(yaml).config
  expect(server.tls).toEqual({
    port: 8443,
    files: { certificate: '/etc/hearth/tls/a.crt', key: '/home/ada/a.key' },
  })
  expect(server.mutualTls).toEqual({ port: 8444, clientCa: '/x/ca.crt', isTrusted: false })
})

test.each([
  ['host: 0.0.0.0', ['traffic is not encrypted. Set server.tls']],
  ['host: [127.0.0.1, 192.168.1.5]', ['192.168.1.5: whoever']],
  ['host: 0.0.0.0, tls: { selfSigned: true }', ['beside HTTPS']],
  ['host: 0.0.0.0, http: redirect, tls: { selfSigned: true }', []],
  ['host: 0.0.0.0, http: false, tls: { selfSigned: true }', []],
  ['host: 0.0.0.0, trustedProxies: [10.0.0.1]', []],
  ['host: localhost', []],
  ['trustedProxies: [0.0.0.0/0]', ['may claim to be at any address']],
  ['tls: { selfSigned: true }, mutualTls: { port: 8444, clientCa: /ca.crt, trust: true }', ['may use every model']],
] as const)('server: { %s } is warned of as it deserves', (settings, says) => {
  const { warnings } = config(`server: { ${settings} }`)
  expect(warnings).toHaveLength(says.length === 0 ? 0 : 1)
  for (const part of says) expect(warnings[0]).toContain(part)
})

test.each([
  ['host: []', 'server.host', 'list of up to 16'],
  ['host: [127.0.0.1, 127.0.0.1]', 'server.host', 'twice'],
  ['host: "a b"', 'server.host', 'host name to listen on'],
  ['http: false', 'server.http', 'nobody could come in'],
  ['http: redirect', 'server.http', 'there is no server.tls'],
  ['http: never', 'server.http', 'true, false or redirect'],
  ['tls: {}', 'server.tls', 'says nothing about the certificate'],
  ['tls: { certificate: a.crt }', 'server.tls.certificate', 'without `key`'],
  ['tls: { key: a.key }', 'server.tls.key', 'without `certificate`'],
  ['tls: { selfSigned: true, certificate: a.crt, key: a.key }', 'server.tls.selfSigned', 'given as well'],
  ['tls: { selfSigned: true, port: 9999 }', 'server.tls.port', 'as server.port is already'],
  ['tls: { selfSigned: true }, mutualTls: { port: 8443 }', 'server.mutualTls.port', 'as server.tls.port is'],
  ['mutualTls: { port: 8444 }', 'server.mutualTls', 'needs a certificate'],
  ['trustedProxies: [proxy]', 'server.trustedProxies[0]', 'range of addresses'],
  ['names: ["https://a"]', 'server.names[0]', 'without https://'],
  ['https: true', 'server.https', 'is not a setting'],
])('server: { %s } is refused at %s', (settings, path, says) => {
  const loaded = load(`server: { ${settings} }`)
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems.map((problem) => problem.path)).toEqual([path])
  expect(loaded.problems[0]?.message).toContain(says)
  expect(loaded.problems[0]?.fix).not.toBe('')
})

test('a certificate that is not there is a problem, not a start without HTTPS', () => {
  const loaded = load('server: { tls: { certificate: /c/a.crt, key: /c/a.key } }', { missing: ['/c/a.key'] })
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems[0]).toMatchObject({ path: 'server.tls.key', line: 1 })
})

test('HTTPS may have the port that plain HTTP does not take', () => {
  expect(config('server: { http: false, port: 8443, tls: { selfSigned: true } }').config.server.http).toBe('none')
})

test('clients of another system are not listened for on a port of HTTPS', () => {
  const loaded = load('server: { tls: { selfSigned: true, port: 11434 } }\ncompat: { ollama: 11434 }')
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems[0]?.message).toContain('server.tls.port')
})
