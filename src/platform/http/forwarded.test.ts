import { expect, test } from 'bun:test'
import { behindProxies } from './forwarded.ts'
import type { Connection } from './route.ts'

const at = (from: string): Connection => ({
  from,
  isLocalSocket: from === 'local',
  isSecure: false,
  setIdleTimeout: () => {},
})

function seenBy(proxies: readonly string[], from: string, headers: Readonly<Record<string, string>>) {
  let seen: readonly [string, boolean | undefined] = ['', undefined]
  const handler = behindProxies((_, connection) => {
    seen = [connection.from, connection.isSecure]
    return new Response()
  }, proxies)
  void handler(new Request('http://hearth.lan/', { headers }), at(from))
  return seen
}

const one = ['10.0.0.1']
const two = ['10.0.0.0/24', 'fd00::/8']
const cases: readonly (readonly [
  string,
  readonly string[],
  string,
  Readonly<Record<string, string>>,
  string,
  boolean,
])[] = [
  [
    'nobody is trusted',
    [],
    '10.0.0.1',
    { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' },
    '10.0.0.1',
    false,
  ],
  ['the peer is no proxy', one, '10.0.0.2', { 'x-forwarded-for': '1.2.3.4' }, '10.0.0.2', false],
  [
    'the proxy tells its caller',
    one,
    '10.0.0.1',
    { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' },
    '1.2.3.4',
    true,
  ],
  [
    'the proxy tells plain HTTP',
    one,
    '10.0.0.1',
    { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'http' },
    '1.2.3.4',
    false,
  ],
  ['a caller writes a chain itself', one, '10.0.0.1', { 'x-forwarded-for': '127.0.0.1, 1.2.3.4' }, '1.2.3.4', false],
  ['two proxies', two, '10.0.0.1', { 'x-forwarded-for': '1.2.3.4, 10.0.0.9' }, '1.2.3.4', false],
  ['a port behind an address', one, '10.0.0.1', { 'x-forwarded-for': '1.2.3.4:5000' }, '1.2.3.4', false],
  [
    'an address of IPv6 with a port',
    one,
    '10.0.0.1',
    { 'x-forwarded-for': '[2001:db8::1]:5000' },
    '2001:db8::1',
    false,
  ],
  ['what is no address', one, '10.0.0.1', { 'x-forwarded-for': '1.2.3.4, local' }, '10.0.0.1', false],
  ['the word of the socket', one, '10.0.0.1', { 'x-forwarded-for': 'local' }, '10.0.0.1', false],
  ['nothing is told', one, '10.0.0.1', {}, '10.0.0.1', false],
  ['a proxy over IPv6 sockets', one, '::ffff:10.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4', false],
  ['the socket of the machine', ['0.0.0.0/0'], 'local', { 'x-forwarded-for': '1.2.3.4' }, 'local', false],
  ['only a caller’s protocol of two', one, '10.0.0.1', { 'x-forwarded-proto': 'https, http' }, '10.0.0.1', false],
]

test.each(cases)('%s', (_, proxies, from, headers, caller, isSecure) => {
  expect(seenBy(proxies, from, headers)).toEqual([caller, isSecure])
})
