import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type PageOrigin, standAt } from '../../../../test/env/page-origin.ts'
import { until } from '../../../../test/env/until.ts'
import { type ModelUpstream, startModelUpstream } from '../../../../test/fakes/model-upstream/start.ts'
import { ChatStore } from './chat-store.ts'
import { type Answer, isBusy, type Turn } from './conversation.ts'

const dot = 'data:image/png;base64,iVBORw0KGgo='
const weather = '{"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}'

let upstream: ModelUpstream
let origin: PageOrigin
let kept: Map<string, string>
let signedOut: number
let chat: ChatStore

beforeEach(() => {
  upstream = startModelUpstream({ api: 'chat', models: ['played', 'other'] })
  origin = standAt(upstream.url, { authorization: `Bearer ${upstream.key}` })
  kept = new Map()
  signedOut = 0
  chat = open()
  chat.choose({ model: 'played' })
})
afterEach(async () => {
  chat.stop()
  await quiet()
  origin[Symbol.dispose]()
  await upstream[Symbol.asyncDispose]()
})

function open(storage: Pick<Storage, 'getItem' | 'setItem'> | null = memory()): ChatStore {
  return new ChatStore({ storage, onSignedOut: () => void signedOut++ })
}
function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) }
}
const turns = () => chat.conversation.get().turns
const quiet = () =>
  until('nobody answers', () => !isBusy(chat.conversation.get()) && chat.summarising.get().kind !== 'running')
const said = (turn: Turn) =>
  turn.role === 'assistant' && turn.side === 'rival' ? `rival: ${turn.content}` : `${turn.role}: ${turn.content}`
const told = () => turns().map(said)
const ask = async (...given: Parameters<ChatStore['ask']>) => {
  chat.ask(...given)
  await quiet()
}
const heard = () => upstream.requests.at(-1)?.body['messages']

describe('a question', () => {
  test('is answered, with what was attached', async () => {
    await ask('What is this?', [dot])
    expect(told()).toEqual(['user: What is this?', 'assistant: An image of image/png, 8 bytes.'])
    expect((turns()[1] as Answer).state).toEqual({ kind: 'complete', reason: 'stop' })
    await ask('count to 3')
    expect(told().at(-1)).toBe('assistant: 1 2 3')
    expect((heard() as unknown[]).length).toBe(3)
  })

  test('waits for nobody: without a model, and while one answers, it is not asked', async () => {
    chat.choose({ model: null })
    chat.ask('Anybody?')
    expect(turns()).toEqual([])
    chat.choose({ model: 'played' })
    chat.ask('count for ever')
    chat.ask('Me too?')
    expect(turns().length).toBe(2)
    await until('it answers', () => upstream.inFlight === 1)
    chat.stop()
    await quiet()
    expect((turns()[1] as Answer).state).toEqual({ kind: 'stopped' })
    await until('the model is left alone', () => upstream.inFlight === 0)
    expect(upstream.requests.length).toBe(1)
  })

  test('that is refused tells why, in the words of the server', async () => {
    await ask('fail with 429')
    expect((turns()[1] as Answer).state).toEqual({ kind: 'failed', message: 'It failed with 429, as it was asked to.' })
    expect(signedOut).toBe(0)
  })

  test('from somebody who is signed out says so to the door', async () => {
    origin[Symbol.dispose]()
    origin = standAt(upstream.url, { authorization: 'Bearer old' })
    await ask('Hi')
    expect(signedOut).toBe(1)
  })

  test('is put to two models, each of which hears its own answers', async () => {
    chat.choose({ rival: 'other' })
    await ask('count to 2')
    expect(told().toSorted()).toEqual(['assistant: 1 2', 'rival: 1 2', 'user: count to 2'])
    expect(upstream.requests.map(({ body }) => String(body['model'])).toSorted()).toEqual(['other', 'played'])
    chat.again('rival')
    await quiet()
    expect(told().toSorted()).toEqual(['assistant: 1 2', 'rival: 1 2', 'user: count to 2'])
    expect(upstream.requests.at(-1)?.body['model']).toBe('other')
  })
})

describe('what was said', () => {
  test('is said otherwise, and taken back', async () => {
    await ask('count to 2')
    await ask('Hi')
    const before = turns()
    chat.edit(before[0]?.id ?? 0, 'count to 4')
    await quiet()
    expect(told()).toEqual(['user: count to 4', 'assistant: 1 2 3 4'])
    chat.takeBack()
    expect(turns()).toBe(before)
    expect(chat.undo.get()).toBeNull()
    chat.edit(999, 'Nothing has this id')
    expect(turns()).toBe(before)
  })

  test('keeps its picture when it is said otherwise', async () => {
    await ask('What is this?', [dot])
    chat.edit(turns()[0]?.id ?? 0, 'And now?')
    await quiet()
    expect(told()).toEqual(['user: And now?', 'assistant: An image of image/png, 8 bytes.'])
  })

  test('is put away for a new chat, also while somebody answers, and had back', async () => {
    await ask('count to 2')
    chat.ask('count for ever')
    await until('words come', () => (turns().at(-1) as Answer).content !== '')
    chat.startAnew()
    expect(turns()).toEqual([])
    await until('the model is left alone', () => upstream.inFlight === 0)
    chat.takeBack()
    expect(told()).toEqual(['user: count to 2', 'assistant: 1 2', 'user: count for ever'])
  })

  test('answers a call of the model, which then goes on', async () => {
    chat.choose({ tools: `[${weather}]` })
    await ask('How is the weather in Oslo?')
    const [call] = (turns()[1] as Answer).calls
    expect(call).toMatchObject({ name: 'weather', arguments: '{"city":"Oslo"}' })
    chat.giveResults('main', new Map([[call?.id ?? '', 'rain']]))
    await quiet()
    expect(told().slice(2)).toEqual(['tool: rain', 'assistant: The result: rain'])
    expect(upstream.refusals).toEqual([])
  })
})

describe('a summary', () => {
  const talkLong = async () => {
    for (const count of [2, 3, 4]) await ask(`count to ${count}`)
  }

  test('takes the place of the older part, is heard by the model, and gives it back', async () => {
    await talkLong()
    const before = told()
    await chat.summarise()
    expect(told()).toEqual(['summary: Hello there', ...before.slice(2)])
    await ask('Hi')
    expect(heard()).toMatchObject([{ role: 'system' }, { content: 'count to 3' }, {}, {}, {}, { content: 'Hi' }])
    chat.unfold(turns()[0]?.id ?? 0)
    expect(told().slice(0, 6)).toEqual(before)
  })

  test('of two rounds is not made', async () => {
    await ask('count to 2')
    await ask('count to 3')
    await chat.summarise()
    expect(upstream.requests.length).toBe(2)
  })

  test('that fails says why and changes nothing; while it is made, nothing is asked', async () => {
    await talkLong()
    const before = turns()
    chat.choose({ model: 'gone' })
    const made = chat.summarise()
    chat.ask('Quick!')
    await made
    expect(turns()).toBe(before)
    expect(chat.summarising.get()).toEqual({ kind: 'failed', message: 'The model `gone` does not exist.' })
    chat.startAnew()
    expect(chat.summarising.get()).toEqual({ kind: 'idle' })
  })

  test('that is stopped is no failure', async () => {
    await talkLong()
    const made = chat.summarise()
    chat.stop()
    await made
    expect(chat.summarising.get()).toEqual({ kind: 'idle' })
    expect(turns().length).toBe(6)
  })
})

describe('the conversation is kept', () => {
  test('and goes on where it was, with fresh ids', async () => {
    await ask('count to 2', [dot])
    chat.save()
    const before = turns()
    chat = open()
    expect(turns()).toEqual(before)
    await ask('Hi')
    expect(new Set(turns().map(({ id }) => id)).size).toBe(4)
  })

  test('without pictures that are too large for the browser to keep', async () => {
    const large = `data:image/png;base64,${'A'.repeat(300_000)}`
    await ask('What is this?', [dot, large])
    chat.save()
    chat = open()
    expect(turns()[0]).toMatchObject({ images: [dot] })
  })

  test('only as long as the page where nothing can be kept', async () => {
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    chat = open({ getItem: () => '{broken', setItem: full })
    chat.choose({ model: 'played' })
    await ask('count to 2')
    chat.save()
    expect(told().at(-1)).toBe('assistant: 1 2')
  })

  test('by nobody once it is cleared', async () => {
    await ask('count to 2')
    chat.save()
    chat.clear()
    chat = open()
    expect(turns()).toEqual([])
    expect(chat.conversation.get().model).toBeNull()
  })
})
