import { expect, test } from 'bun:test'
import { splitArgv } from './argv.ts'

const split: readonly (readonly [string, readonly string[]])[] = [
  ['llama-server -m a.gguf', ['llama-server', '-m', 'a.gguf']],
  ['  a\t b\n c ', ['a', 'b', 'c']],
  [`a "b c" 'd e'`, ['a', 'b c', 'd e']],
  [`a "" ''`, ['a', '', '']],
  [`a b\\ c "d\\"e" 'f\\g'`, ['a', 'b c', 'd"e', 'f\\g']],
  ['a pre"mid dle"post', ['a', 'premid dlepost']],
  ['a \\\n b', ['a', 'b']],
  ['a $HOME * ~ $(rm)', ['a', '$HOME', '*', '~', '$(rm)']],
  ['a "|" \\;', ['a', '|', ';']],
]

test.each(split)('%j is split as a shell would, and nothing is expanded', (command, argv) => {
  expect(splitArgv(command)).toEqual({ ok: true, argv })
})

const refused = [
  ['', 'empty'],
  ['a "b', 'not closed'],
  ['a \\', 'backslash'],
  ['a | b', 'only a shell'],
  ['a &', 'only a shell'],
  ['a > b', 'only a shell'],
] as const

test.each(refused)('%j is refused', (command, says) => {
  const argv = splitArgv(command)
  expect(argv.ok).toBe(false)
  expect(argv.ok ? '' : argv.why).toContain(says)
})
