import { describe, expect, test } from 'bun:test'
import { plainDeltas } from './plain-deltas.ts'

const isPlain = plainDeltas(['part.delta', 'other'])
const event = (name: string, data: string) => `event: ${name}\ndata: ${data}\n\n`

describe('events are plain deltas', () => {
  test.each([
    ['one', event('part.delta', '{"a":1}'), true],
    ['several', event('part.delta', '{"a":1}') + event('other', '{"b":"\\nevent: end"}'), true],
    ['an end among them', event('part.delta', '{}') + event('end', '{}'), false],
    ['a name that only looks alike', event('part-delta', '{}'), false],
    ['a comment', `: hello\n\n${event('part.delta', '{}')}`, false],
    ['a line that is cut', event('part.delta', '{"a":'), false],
    ['no name', 'data: {}\n\n', false],
    ['other line ends', event('part.delta', '{}').replaceAll('\n', '\r\n'), false],
    ['nothing', '', false],
  ])('%s', (_, events, plain) => {
    expect(isPlain(events)).toBe(plain)
  })
})
