import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runInTerminal, startHome, until } from '../test/fakes/cli-process.ts'
import { widthOf } from './text-width.ts'

const ctrlC = '\u0003'
const ctrlD = '\u0004'
let at: ReturnType<typeof startHome>

beforeAll(() => {
  at = startHome()
})
afterAll(() => at[Symbol.asyncDispose]())

/** What a person sees: without colours and cursor movements. */
const plain = (screen: string): string => Bun.stripANSI(screen)

describe('in a terminal', () => {
  test('tables are coloured and fit, and NO_COLOR is respected', async () => {
    const coloured = runInTerminal(['models'], { env: at.env, columns: 60 })
    expect(await coloured.exited).toBe(0)
    await until(() => coloured.screen().includes('broken'))
    expect(coloured.screen()).toContain('\u001b[32mready')
    for (const line of plain(coloured.screen()).split('\r\n')) expect(widthOf(line)).toBeLessThanOrEqual(60)
    const grey = runInTerminal(['models'], { env: { ...at.env, NO_COLOR: '1' } })
    await grey.exited
    await until(() => grey.screen().includes('broken'))
    expect(grey.screen()).not.toContain('\u001b')
  })

  test('a plan is shown and asked about', async () => {
    const no = runInTerminal(['models', 'load', 'tiny-a'], { env: at.env })
    await no.shows('is started')
    await no.shows('Load tiny-a? [y/N]')
    no.press('n\r')
    await no.shows('Nothing was changed.')
    expect(await no.exited).toBe(1)
    const interrupted = runInTerminal(['models', 'load', 'tiny-a'], { env: at.env })
    await interrupted.shows('[y/N]')
    interrupted.press(ctrlC)
    expect(await interrupted.exited).toBe(1)
    const yes = runInTerminal(['models', 'load', 'tiny-a'], { env: at.env })
    await yes.shows('[y/N]')
    yes.press('y\r')
    await yes.shows('tiny-a is ready.')
    expect(await yes.exited).toBe(0)
  })

  test('a pull draws a bar with speed and time left', async () => {
    const pull = runInTerminal(['pull', 'org/repo:tiny.gguf'], { env: at.env })
    expect(await pull.exited).toBe(0)
    expect(plain(pull.screen())).toMatch(/tiny {2}\[#+-+\] {3}40% {2}400 B of 1000 B {2}200 B\/s {2}3s left/)
    expect(plain(pull.screen())).toContain('tiny is ready to use')
  })
})

describe.each(['bun', 'npm'] as const)('a conversation, started by %s,', (by) => {
  test('remembers what was said, stops an answer at Ctrl-C and leaves at the second', async () => {
    const chat = runInTerminal(['chat', 'tiny-a'], { env: at.env, by })
    await chat.shows('Talking to tiny-a')
    await chat.shows('> ')
    chat.press('hello\r')
    await chat.shows('You said: hello')
    await chat.shows('> ')
    chat.press('slow\r')
    await chat.shows('You said: ')
    const before = at.house.hangUps.length
    chat.press(ctrlC)
    await chat.shows('(stopped)')
    await until(() => at.house.hangUps.length === before + 1)
    await chat.shows('> ')
    chat.press('again\r')
    await chat.shows('You said: again')
    expect(at.house.seen.at(-1)?.body).toMatchObject({
      messages: [{ content: 'hello' }, { role: 'assistant', content: 'You said: hello' }, { content: 'again' }],
    })
    await chat.shows('> ')
    chat.press(ctrlC)
    expect(await chat.exited).toBe(130)
  })

  test('forgets at /clear, survives a failure and ends at Ctrl-D', async () => {
    const chat = runInTerminal(['chat', 'tiny-a'], { env: at.env, by })
    await chat.shows('> ')
    chat.press('fail\r')
    await chat.shows('The engine died.')
    await chat.shows('> ')
    chat.press('/clear\r')
    await chat.shows('Forgotten.')
    await chat.shows('> ')
    chat.press('think\r')
    await chat.shows('Let me see.')
    await chat.shows('You said: think')
    expect(at.house.seen.at(-1)?.body).toMatchObject({ messages: [{ content: 'think' }] })
    await chat.shows('> ')
    chat.press(ctrlD)
    expect(await chat.exited).toBe(0)
  })
})

test('Ctrl-C ends a single answer with 130 and the work at the house', async () => {
  const before = at.house.hangUps.length
  const chat = runInTerminal(['chat', 'tiny-a', 'slow'], { env: at.env })
  await chat.shows('You said: ')
  chat.press(ctrlC)
  expect(await chat.exited).toBe(130)
  await until(() => at.house.hangUps.length === before + 1)
})
