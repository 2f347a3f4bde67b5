import { expect, test } from 'bun:test'
import { addressMatcher, isAddressRange, addressInUrl, addressKind, isLiteralAddress, kindOfAll } from './addresses.ts'

const kinds: readonly (readonly [string, ReturnType<typeof addressKind>])[] = [
  ['127.0.0.1', 'host'],
  ['127.8.8.8', 'host'],
  ['::1', 'host'],
  ['[::1]', 'host'],
  ['0.0.0.0', 'host'],
  ['::ffff:127.0.0.1', 'host'],
  ['10.0.0.5', 'lan'],
  ['172.16.3.4', 'lan'],
  ['172.32.3.4', 'cloud'],
  ['192.168.1.1', 'lan'],
  ['100.64.0.1', 'lan'],
  ['100.128.0.1', 'cloud'],
  ['169.254.1.1', 'lan'],
  ['fe80::1', 'lan'],
  ['fe80::1%eth0', 'lan'],
  ['fd12:3456::1', 'lan'],
  ['::ffff:192.168.1.1', 'lan'],
  ['::ffff:8.8.8.8', 'cloud'],
  ['64:ff9b::a00:5', 'lan'],
  ['64:ff9b::808:808', 'cloud'],
  ['8.8.8.8', 'cloud'],
  ['2606:4700::1', 'cloud'],
  ['2002:a00:5::1', 'cloud'],
  ['169.254.169.254', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['not an address', 'cloud'],
]

test.each(kinds)('%s counts as %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind)
})

test('the most foreign address of a name decides', () => {
  expect(kindOfAll(['127.0.0.1', '10.0.0.1'])).toBe('lan')
  expect(kindOfAll(['10.0.0.1', '8.8.8.8'])).toBe('cloud')
  expect(kindOfAll(['8.8.8.8', '169.254.169.254'])).toBe('metadata')
  expect(kindOfAll(['127.0.0.1', '::1'])).toBe('host')
  expect(kindOfAll([])).toBe('cloud')
})

test('a literal address is told from a name, and written as a URL wants it', () => {
  expect(isLiteralAddress('[::1]')).toBe(true)
  expect(isLiteralAddress('10.0.0.5')).toBe(true)
  expect(isLiteralAddress('localhost')).toBe(false)
  expect(addressInUrl('fe80::1%eth0')).toBe('[fe80::1]')
  expect(addressInUrl('10.0.0.5')).toBe('10.0.0.5')
})

const ranges: readonly (readonly [string, string, boolean])[] = [
  ['10.0.0.0/8', '10.9.8.7', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
  ['192.168.1.5', '192.168.1.5', true],
  ['192.168.1.5', '192.168.1.6', false],
  ['fd00::/8', 'fd12::1', true],
  ['fd00::/8', '10.0.0.1', false],
  ['::1', '::1', true],
  ['0.0.0.0/0', 'unknown', false],
  ['nonsense', '10.0.0.1', false],
]

test.each(ranges)('%s and %s: %p', (range, address, isIn) => {
  expect(addressMatcher([range])(address)).toBe(isIn)
})

test.each([
  ['10.0.0.0/8', true],
  ['fd00::/8', true],
  ['192.168.1.5', true],
  ['10/8', false],
  ['10.0.0.0/33', false],
  ['10.0.0.0/8/8', false],
  ['localhost', false],
  ['', false],
])('%j is a range: %p', (text, isOne) => {
  expect(isAddressRange(text)).toBe(isOne)
})
