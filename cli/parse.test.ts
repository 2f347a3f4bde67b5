import { describe, expect, test } from 'bun:test'
import { commands } from './commands/index.ts'
import { CliError } from './failures.ts'
import { parseCommandLine } from './parse.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), commands)

function refusalOf(line: string): string {
  try {
    parse(line)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CliError)
    expect((thrown as CliError).exitCode).toBe(2)
    return (thrown as CliError).message
  }
  throw new Error(`"${line}" was accepted.`)
}

describe('a command line is read', () => {
  test.each([
    { line: 'status', path: 'status', positionals: [] },
    { line: '--json status', path: 'status', positionals: [] },
    { line: '--url http://x:1 models load tiny-a', path: 'models load', positionals: ['tiny-a'] },
    { line: 'models --home /x load --dry-run tiny-a', path: 'models load', positionals: ['tiny-a'] },
    { line: 'models', path: 'models', positionals: [] },
    { line: 'chat tiny-a hello', path: 'chat', positionals: ['tiny-a', 'hello'] },
    { line: 'chat tiny-a -- --help', path: 'chat', positionals: ['tiny-a', '--help'] },
    { line: 'config server.port', path: 'config', positionals: ['server.port'] },
    { line: 'config set server.port 80', path: 'config set', positionals: ['server.port', '80'] },
    { line: 'keys create laptop --scope monitor --scope inference', path: 'keys create', positionals: ['laptop'] },
  ])('$line', ({ line, path, positionals }) => {
    const parsed = parse(line)
    expect(parsed.path.join(' ')).toBe(path)
    expect(parsed.positionals).toEqual(positionals)
  })

  test('values of options are kept, the last or all of them', () => {
    const { flags } = parse('keys create x --scope monitor --scope inference --concurrency=3 --json')
    expect(flags.list('scope')).toEqual(['monitor', 'inference'])
    expect(flags.number('concurrency')).toBe(3)
    expect(flags.has('json')).toBe(true)
    expect(flags.text('expires')).toBeNull()
    expect(parse('logs -fn 5 tiny-a').flags.number('tail')).toBe(5)
  })

  test('what follows -- is kept for the command that wants it', () => {
    const parsed = parse('models add mine --context 8 -- llama-server -m m.gguf --port 1')
    expect(parsed.positionals).toEqual(['mine'])
    expect(parsed.rest).toEqual(['llama-server', '-m', 'm.gguf', '--port', '1'])
  })

  test('help needs no arguments', () => {
    expect(parse('models load --help').flags.has('help')).toBe(true)
    expect(parse('').command).toBeNull()
  })
})

describe('a wrong command line is refused with what is wrong and the nearest right names', () => {
  test.each([
    ['modles', 'There is no command "hearth modles". Did you mean models?'],
    ['models laod x', 'There is no command "hearth models laod". Did you mean load?'],
    ['xyzzy', 'There is no command "hearth xyzzy".'],
    ['events --folow', 'There is no option --folow here. Did you mean --follow?'],
    ['--jsn status', 'There is no option --jsn here. Did you mean --json?'],
    ['status -x', 'There is no option -x here.'],
    ['models load', 'hearth models load needs ID.'],
    ['status now', 'hearth status does not know what to do with "now".'],
    ['status --json=yes', '--json takes no value, but got "yes".'],
    ['chat --system', '--system needs a value: --system TEXT.'],
    ['chat --temperature hot', '--temperature is "hot", which is no number.'],
    ['chat --temperature 9', '--temperature is 9, but must be from 0 to 5.'],
    [
      'usage --by mode',
      '--by is "mode", which is none of key, user, team, model, upstream, tag, day. Did you mean model?',
    ],
    ['keys create x --concurrency 0', '--concurrency is 0, but must be at least 1.'],
    ['keys create x --weight 0', '--weight is 0, but must be at least 1.'],
    ['keys create x --priority bath', '--priority is "bath", which is none of interactive, batch. Did you mean batch?'],
  ])('%s', (line, message) => {
    expect(refusalOf(line)).toBe(message)
  })
})
