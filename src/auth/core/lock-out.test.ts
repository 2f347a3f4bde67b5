import { expect, test } from 'bun:test'
import { accountRule, addressOf, addressRule, waitAfter } from './lock-out.ts'

test('five failures are free, then each wait is twice the one before, to a quarter of an hour', () => {
  expect([0, 4, 5, 6, 7, 12, 13, 1000].map((failures) => waitAfter(failures, accountRule) / 1000)).toEqual([
    0, 0, 5, 10, 20, 640, 900, 900,
  ])
  expect([29, 30].map((failures) => waitAfter(failures, addressRule))).toEqual([0, 5000])
})

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['local', 'local'],
])('%s is counted as %s', (from, address) => {
  expect(addressOf(from)).toBe(address)
})
