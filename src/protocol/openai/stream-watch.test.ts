import { describe, expect, test } from 'bun:test'
import { StreamWatch, type WatchOptions } from './stream-watch.ts'
import { readWholeAnswer } from './whole-answer.ts'

const plain: WatchOptions = { choices: 1, stripUsage: true, splitThink: false, breakOff: () => '' }
const event = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const delta = (content: string, finish: string | null = null, index = 0) => ({
  choices: [{ index, delta: { content }, finish_reason: finish }],
})
const usage = {
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
}

function follow(events: readonly string[], options: WatchOptions = plain) {
  const watch = new StreamWatch(options)
  const passed = events.map((text) => watch.pass(new TextEncoder().encode(text)))
  return {
    watch,
    text: passed.map((part) => new TextDecoder().decode(part.bytes)).join(''),
    isDone: passed.some((part) => part.isDone),
  }
}

describe('a stream that is watched', () => {
  test('passes as it came, but for the usage chunk that only Hearth asked for', () => {
    const wire = [
      event(delta('')),
      event(delta('Hi')),
      event(delta(' you')),
      event(delta('', 'stop')),
      event(usage),
      event('[DONE]'),
    ]
    const { watch, text, isDone } = follow(wire)
    expect(text).toBe(wire.slice(0, 4).join(''))
    expect({ isDone, isTerminal: watch.isTerminal, usage: watch.usage }).toEqual({
      isDone: true,
      isTerminal: true,
      usage: { promptTokens: 3, completionTokens: 2, cachedTokens: 1 },
    })
  })

  test('keeps the usage chunk for the caller who asked for it', () => {
    expect(follow([event(delta('Hi', 'stop')), event(usage)], { ...plain, stripUsage: false }).text).toContain(
      'prompt_tokens',
    )
  })

  test('is terminal only when every choice has finished', () => {
    const two = { ...plain, choices: 2 }
    expect(follow([event(delta('a', 'stop', 0))], two).watch.isTerminal).toBe(false)
    expect(follow([event(delta('a', 'stop', 0)), event(delta('b', 'length', 1))], two).watch.isTerminal).toBe(true)
  })

  test('is not fooled by words that look like its own', () => {
    const wire = [event(delta('x')), event(delta('"finish_reason":"stop" [DONE] "error":'))]
    const { watch, text, isDone } = follow(wire)
    expect({ text, isDone, isTerminal: watch.isTerminal, error: watch.error }).toEqual({
      text: wire.join(''),
      isDone: false,
      isTerminal: false,
      error: null,
    })
  })

  test.each(['data: {"choices":[\n\n', 'data: nonsense\n\n', 'data: 5\n\n'])(
    'is malformed when it says %j, and that is not passed on',
    (broken) => {
      const { watch, text } = follow([event(delta('a')), broken])
      expect({ isMalformed: watch.isMalformed, text }).toEqual({ isMalformed: true, text: event(delta('a')) })
    },
  )

  test("tells the upstream's own error in its words", () => {
    expect(follow([event({ error: { message: 'out of memory' } })]).watch.error).toBe('out of memory')
  })

  test.each([
    ['as OpenAI does', { error: { message: 'out of memory' } }, true],
    ['as a text', { error: 'out of memory' }, true],
    ['as vLLM does', { object: 'error', message: 'out of memory', code: 500 }, false],
    ['by the name of the event', 'event: error\ndata: {"message":"out of memory"}\n\n', false],
    ['by the name of the event, with a bare text', 'event: error\ndata: out of memory\n\n', false],
  ])('is in error when the upstream says so %s, and nothing after it passes', (_case, said, isShown) => {
    const error = typeof said === 'string' ? said : event(said)
    for (const before of [event(delta('a')), '']) {
      const { watch, text, isDone } = follow([before, error + event(delta('b', 'stop')) + event('[DONE]')])
      expect([watch.error, watch.isErrorShown, isDone]).toEqual(['out of memory', isShown, false])
      expect(text).toBe(isShown ? before + error : before)
    }
  })

  test.each(['{"error":null}', '{"error":""}', '{"error":false}', '{"error":{}}'])('is not in error for %s', (json) => {
    expect(follow([event(JSON.parse(`{"choices":[],${json.slice(1)}`))]).watch.error).toBeNull()
  })

  test.each([
    ['no choices', { usage: usage.usage }],
    ['null as choices', { choices: null, usage: usage.usage }],
  ])('has its usage read and taken out when it comes with %s', (_case, chunk) => {
    const { watch, text } = follow([event(delta('a', 'stop')), event(chunk), event('[DONE]')])
    expect([text, watch.usage.promptTokens]).toEqual([event(delta('a', 'stop')), 3])
  })

  test('has its usage read where it stands beside the last words', () => {
    const last = { ...delta('a', 'stop'), usage: usage.usage }
    const { watch, text } = follow([event(last), event('[DONE]')])
    expect([text, watch.usage.completionTokens]).toEqual([event(last), 2])
  })

  test.each(['[DONE]', ' [DONE] ', '[DONE]\r'])('is terminal with %j, whatever came before', (done) => {
    const { watch, isDone } = follow([event(delta('a')), `data:${done}\n\n`])
    expect([isDone, watch.isTerminal]).toEqual([true, true])
  })

  test('is malformed when an event between good ones is cut', () => {
    const wire = `${event(delta('a'))}data: {"choices":[{"delta"\n\n${event(delta('b'))}`
    expect(follow([event(delta('x')), wire])).toMatchObject({ text: event(delta('x')) + event(delta('a')) })
  })

  test('counts a tool call or a thought as output, an empty delta not', () => {
    expect(follow([event(delta(''))]).watch.hasOutput).toBe(false)
    expect(follow([event({ choices: [{ delta: { tool_calls: [{ index: 0 }] } }] })]).watch.hasOutput).toBe(true)
    expect(follow([event({ choices: [{ delta: { reasoning_content: 'hm' } }] })]).watch.hasOutput).toBe(true)
  })

  test('has its thoughts set apart where the operator asked for it', () => {
    const { text } = follow([event(delta('<thi')), event(delta('nk>why</think>')), event(delta('\nso', 'stop'))], {
      ...plain,
      splitThink: true,
    })
    const deltas = text
      .split('\n\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line.slice(6)).choices[0].delta)
    expect(deltas).toEqual([{}, { reasoning_content: 'why' }, { content: 'so' }])
  })
})

describe('an answer that is no stream', () => {
  const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
  test.each([
    ['<html>', 'malformed'],
    ['[]', 'malformed'],
    ['{"object":"error"}', 'malformed'],
    ['{"choices":[{"finish_reason":"stop"}]}', 'answer'],
  ])('%s is %s', (body, kind) => {
    expect(readWholeAnswer('chat/completions', encode(body), false).kind).toBe(kind as 'answer')
  })

  test('without a finish_reason is not terminal', () => {
    expect(readWholeAnswer('chat/completions', encode({ choices: [{ finish_reason: null }] }), false)).toMatchObject({
      isTerminal: false,
    })
  })

  test('has its thoughts set apart where the operator asked for it', () => {
    const body = {
      choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: '<think>why</think>so' } }],
    }
    const answer = readWholeAnswer('chat/completions', encode(body), true)
    expect(answer.kind === 'answer' && JSON.parse(answer.replaced ?? '').choices[0].message).toEqual({
      role: 'assistant',
      content: 'so',
      reasoning_content: 'why',
    })
  })
})
