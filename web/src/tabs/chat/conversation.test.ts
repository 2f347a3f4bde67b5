import { describe, expect, test } from 'bun:test'
import {
  type Answer,
  type Conversation,
  emptyConversation,
  isBusy,
  messagesOf,
  pack,
  tokensPerSecond,
  unpack,
} from './conversation.ts'

const answer = (more: Partial<Answer> = {}): Answer => ({
  role: 'assistant',
  id: 2,
  model: 'hearth/smoke',
  content: 'Hello.',
  reasoning: 'They greet me.',
  state: { kind: 'complete', reason: 'stop' },
  usage: { promptTokens: 3, completionTokens: 11 },
  firstWordMs: 500,
  totalMs: 1500,
  ...more,
})
const talk = (more: Partial<Conversation> = {}): Conversation => ({
  ...emptyConversation,
  turns: [{ role: 'user', id: 1, content: 'Hi' }, answer()],
  ...more,
})

describe('a conversation', () => {
  test('is sent with the system prompt and without thoughts', () => {
    expect(messagesOf(talk({ system: ' Be brief. ' }))).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.' },
    ])
  })

  test('is sent without answers that have no words', () => {
    const turns = [{ role: 'user', id: 1, content: 'Hi' } as const, answer({ content: '' })]
    expect(messagesOf(talk({ turns }))).toEqual([{ role: 'user', content: 'Hi' }])
  })

  test('survives being kept', () => {
    const kept = talk({ model: 'a', temperature: 0.4, system: 's' })
    expect(unpack(pack(kept))).toEqual(kept)
  })

  test('an answer that was running when the page went away broke off', () => {
    const kept = talk({ turns: [answer({ state: { kind: 'streaming' } })] })
    expect(isBusy(kept)).toBe(true)
    expect((unpack(pack(kept)).turns[0] as Answer).state).toEqual({ kind: 'incomplete' })
  })

  test('that is too long to keep loses its beginning', () => {
    const turns = Array.from({ length: 8 }, (_, id) => ({ role: 'user', id, content: 'x'.repeat(400_000) }) as const)
    const kept = unpack(pack(talk({ turns })))
    expect(kept.turns.at(-1)?.id).toBe(7)
    expect(kept.turns.length).toBeLessThan(8)
  })

  test('starts empty from anything that is not one', () => {
    for (const packed of [null, '', '{', '3', 'null', '{"turns":3}', '[]'])
      expect(unpack(packed)).toEqual(emptyConversation)
    expect(unpack('{"turns":[null,1,{"role":"user"},{"role":"assistant","id":1,"content":"a"}]}').turns).toEqual([])
  })

  test('tells its speed only where it is known', () => {
    expect(tokensPerSecond(answer())).toBe(10)
    expect(tokensPerSecond(answer({ usage: null }))).toBeNull()
    expect(tokensPerSecond(answer({ firstWordMs: null }))).toBeNull()
    expect(tokensPerSecond(answer({ totalMs: 500 }))).toBeNull()
  })
})
