import { describe, expect, test } from 'bun:test'
import { parseListening, parseNvidia, parseSystemdSettings, scopeOf, socketInTheWay } from './reading.ts'

/** As Linux 6.1 writes it. */
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1 0000 100 0 0 10 0
   2: 0100007F:270F 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 99 1 0000 20 4 30 10 -1
`
const table6 = `  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 55 1 0 100 0 0 10 0
`

test('listening sockets are read from the kernel’s table, connections are not', () => {
  expect(parseListening(table)).toEqual([
    { address: '127.0.0.1', port: 9999, inode: 4242 },
    { address: '0.0.0.0', port: 22, inode: 17 },
  ])
})

describe('a socket stands in the way', () => {
  const sockets = [...parseListening(table), ...parseListening(table6)]
  test.each([
    ['127.0.0.1', 9999, 4242],
    ['localhost', 9999, 4242],
    ['0.0.0.0', 9999, 4242],
    ['192.168.1.5', 9999, null],
    ['192.168.1.5', 22, 17],
    ['127.0.0.1', 8080, 55],
    ['::1', 9999, null],
    ['127.0.0.1', 9998, null],
  ])('of %s:%d: %p', (host, port, inode) => {
    expect(socketInTheWay(sockets, { host, port })?.inode ?? null).toBe(inode)
  })
})

test('systemd’s settings are those of the section, the last one counts', () => {
  const main = '# a comment\n[Login]\n#HandleLidSwitch=suspend\nIdleAction=ignore\n[Other]\nIdleAction=poweroff\n'
  const dropIn = '[Login]\nIdleAction = suspend\n; no\nIdleActionSec=20min\n'
  expect(parseSystemdSettings([main, dropIn], 'Login')).toEqual({ IdleAction: 'suspend', IdleActionSec: '20min' })
})

test('memory that a GPU shares is unknown and not 0', () => {
  expect(parseNvidia('NVIDIA GeForce RTX 4090, 550.90.07, 24564\nNVIDIA GB10, 580.95.05, [N/A]\n')).toEqual([
    { name: 'NVIDIA GeForce RTX 4090', driver: '550.90.07', totalBytes: 24564 * 2 ** 20 },
    { name: 'NVIDIA GB10', driver: '580.95.05', totalBytes: null },
  ])
})

test.each([
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.3.4', 'link'],
  ['fe80::1', 'link'],
  ['10.0.0.1', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'private'],
  ['100.100.0.1', 'private'],
  ['fd00::2', 'private'],
  ['8.8.8.8', 'public'],
  ['2001:db8::1', 'public'],
] as const)('%s is %s', (address, scope) => {
  expect(scopeOf(address)).toBe(scope)
})
