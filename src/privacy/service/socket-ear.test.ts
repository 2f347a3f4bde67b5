import { expect, test } from 'bun:test'
import type { OutSocketListener, SocketExit } from '#platform/egress/contract.ts'
import { listeningSockets } from './socket-ear.ts'

const to = { name: 'ears', baseUrl: 'http://127.0.0.1/v1', locality: 'lan' } as const

async function heard(...events: readonly (string | Uint8Array | object)[]) {
  const remembered: string[] = []
  const passed: (string | Uint8Array)[] = []
  let upstream: OutSocketListener | null = null
  const exit: SocketExit = {
    async open(_, __, { listener }) {
      upstream = listener
      return { kind: 'refused', status: 400 }
    },
  }
  const sockets = listeningSockets(exit, {
    remember: (_, text) => void remembered.push(text),
    write: () => Promise.reject(new Error('the disk is full')),
    isTranscript: () => false,
  })
  const listener: OutSocketListener = { message: (data) => void passed.push(data), drained() {}, closed() {} }
  const { signal } = new AbortController()
  await sockets.open(to, { path: '/realtime', headers: {} }, { openMs: 1, signal, maxMessageBytes: 1, listener })
  const socket = upstream as OutSocketListener | null
  if (socket === null) throw new Error('it was not opened')
  const raw = events.map((event) =>
    typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event),
  )
  for (const data of raw) socket.message(data)
  socket.closed(1000, '')
  expect(passed).toEqual(raw)
  return remembered
}

const completed = (transcript: string) => ({
  type: 'conversation.item.input_audio_transcription.completed',
  item_id: 'item_1',
  transcript,
})
const delta = (text: string) => ({ type: 'conversation.item.input_audio_transcription.delta', delta: text })

test('each sentence that was said on a socket is remembered, and all of them in a row', async () => {
  expect(await heard(completed('We met at nine.'), completed('Nobody went home.'))).toEqual([
    'We met at nine.',
    'Nobody went home.',
    'We met at nine. Nobody went home. ',
  ])
})

test('pieces of what was never told as a whole are remembered', async () => {
  expect(await heard(delta('We met'), delta(' at nine.'))).toEqual(['We met at nine.'])
})

test('an event may come as bytes, and vLLM says it in its own words', async () => {
  const event = { type: 'transcription.done', text: 'We met at nine.' }
  expect(await heard(Buffer.from(JSON.stringify(event)))).toEqual(['We met at nine.', 'We met at nine. '])
})

test('sound, what a model says and what is no JSON are passed and not remembered', async () => {
  const others = [{ type: 'response.output_text.delta', delta: 'Hello' }, '{"transcription', new Uint8Array([1, 2])]
  expect(await heard(...others)).toEqual([])
})
