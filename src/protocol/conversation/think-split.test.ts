import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createThinkSplitter } from './think-split.ts'

function split(pieces: readonly string[]) {
  const splitter = createThinkSplitter()
  const parts = [...pieces.map((piece) => splitter.push(piece)), splitter.flush()]
  return {
    reasoning: parts.map((part) => part.reasoning).join(''),
    content: parts.map((part) => part.content).join(''),
  }
}

test.each([
  ['<think>why</think>\n\nanswer', 'why', 'answer'],
  ['\n<think>\nwhy\n</think>answer', '\nwhy\n', 'answer'],
  ['answer with <think>no</think>', '', 'answer with <think>no</think>'],
  ['<think>never closed', 'never closed', ''],
  ['<thin', '', '<thin'],
  ['<think>a</thin b</think>c', 'a</thin b', 'c'],
  ['<think></think>', '', ''],
  ['  ', '', '  '],
])('%j is told apart however it is cut', (whole, reasoning, content) => {
  expect(split([whole])).toEqual({ reasoning, content })
  expect(split([...whole])).toEqual({ reasoning, content })
  fc.assert(
    fc.property(fc.nat(whole.length), (cut) => {
      expect(split([whole.slice(0, cut), whole.slice(cut)])).toEqual({ reasoning, content })
    }),
  )
})
