import { describe, expect, test } from 'bun:test'
import { type Answer, emptyConversation } from './conversation.ts'
import { pack, unpack } from './keeping.ts'
import { answer, question, talk } from './planted-talk.ts'
import { plainSampling } from './sampling.ts'

describe('a kept conversation', () => {
  test('is the same again', () => {
    const sampling = { ...plainSampling, temperature: 0.4, stop: ['END'], effort: 'low' } as const
    const summary = { role: 'summary', id: 9, model: 'm', content: 's', replaced: [question(3)] } as const
    const kept = talk({
      model: 'a',
      rival: 'b',
      system: 's',
      tools: '[]',
      sampling,
      turns: [summary, question(1), answer()],
    })
    expect(unpack(pack(kept))).toEqual(kept)
  })

  test('says of an answer that was running that it broke off', () => {
    const kept = talk({ turns: [answer({ state: { kind: 'streaming' } })] })
    expect((unpack(pack(kept)).turns[0] as Answer).state).toEqual({ kind: 'incomplete' })
  })

  test('loses its beginning when it is too long', () => {
    const turns = Array.from({ length: 8 }, (_, id) => question(id, 'x'.repeat(400_000)))
    const kept = unpack(pack(talk({ turns })))
    expect(kept.turns.at(-1)?.id).toBe(7)
    expect(kept.turns.length).toBeLessThan(8)
  })

  test('loses large pictures before words', () => {
    const large = `data:image/png;base64,${'A'.repeat(3_000_000)}`
    const small = 'data:image/png;base64,AAAA'
    const kept = unpack(pack(talk({ turns: [{ ...question(1), images: [large, small] }] })))
    expect(kept.turns).toEqual([{ role: 'user', id: 1, content: 'Hi', images: [small] }])
  })

  test('of an earlier version of the page gets what it lacks', () => {
    const packed = JSON.stringify({
      turns: [
        { role: 'user', id: 1, content: 'Hi' },
        { role: 'assistant', id: 2, model: 'm', content: 'Hello', reasoning: '', state: { kind: 'stopped' } },
      ],
      model: 'm',
      system: '',
      temperature: 0.5,
    })
    const { turns, sampling } = unpack(packed)
    expect(turns[0]).toEqual(question(1))
    expect(turns[1]).toMatchObject({ side: 'main', calls: [], request: null, route: null })
    expect(sampling).toEqual(plainSampling)
  })

  test('is empty where there is none', () => {
    for (const packed of [null, '', '{', '3', 'null', '{"turns":3}', '[]'])
      expect(unpack(packed)).toEqual(emptyConversation)
    expect(unpack('{"turns":[null,1,{"role":"user"},{"role":"assistant","id":1,"content":"a"}]}').turns).toEqual([])
  })
})
