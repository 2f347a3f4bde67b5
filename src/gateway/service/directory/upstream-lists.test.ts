import { expect, test } from 'bun:test'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { InferenceExit, Sent } from '#platform/egress/contract.ts'
import { UpstreamLists, type ListedUpstream } from './upstream-lists.ts'

const upstream = (name: string, baseUrl: string): ListedUpstream => ({
  name,
  baseUrl,
  locality: null,
  headers: {},
  models: ['*'],
})

function setUp() {
  const asked: { readonly baseUrl: string; answer(models: readonly string[]): void }[] = []
  const inference: InferenceExit = {
    send: ({ baseUrl }) =>
      new Promise<Sent>((resolve) => {
        const answer = (models: readonly string[]): void => {
          const bytes = new TextEncoder().encode(JSON.stringify({ data: models.map((id) => ({ id })) }))
          const chunks = () => ({ next: async () => ({ kind: 'end' }) as const, cancel: () => {} })
          const whole = async () => ({ kind: 'whole', bytes }) as const
          resolve({ kind: 'answer', status: 200, headers: new Headers(), bytes: whole, chunks })
        }
        asked.push({ baseUrl, answer })
      }),
  }
  const ports = { inference, clock: systemClock, log: silentLogger, announce: () => {}, onChange: () => {} }
  return { asked, lists: new UpstreamLists(ports) }
}
const { signal } = new AbortController()

test('an upstream that the config brings while others are asked is asked too', async () => {
  const { asked, lists } = setUp()
  lists.use([upstream('a', 'http://a')])
  const first = lists.refresh(signal)
  lists.use([upstream('a', 'http://a'), upstream('b', 'http://b')])
  const second = lists.refresh(signal)
  for (const { answer } of asked) answer(['m'])
  await Promise.all([first, second])
  expect([lists.states.get('a')?.listed, lists.states.get('b')?.listed]).toEqual([['m'], ['m']])
})

test('what an upstream had at its old address is not said of its new one', async () => {
  const { asked, lists } = setUp()
  lists.use([upstream('a', 'http://old')])
  const first = lists.refresh(signal)
  asked[0]?.answer(['old'])
  await first
  const late = lists.refresh(signal)
  lists.use([upstream('a', 'http://new')])
  expect(lists.states.get('a')?.listed).toBeNull()
  const now = lists.refresh(signal)
  asked.at(-1)?.answer(['new'])
  await now
  asked[1]?.answer(['old'])
  await late
  expect(lists.states.get('a')?.listed).toEqual(['new'])
})
