import type { ReplacedSpan, ScrubAnswer, ScrubAsk } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { answer } from '../output.ts'
import { countsText } from '../privacy/counts.ts'
import { readInput } from '../privacy/input.ts'
import { renderTable } from '../table.ts'

const modes = ['token', 'mask', 'block'] as const

export const scrubCommand: Command = {
  name: 'scrub',
  summary: 'replace identifiers in a text by placeholders',
  details:
    'stdout gets the text alone, stderr the map and what was replaced. It is identifier protection, not anonymisation.\nWithout FILE, or with -, the text is what is piped in.',
  positionals: [{ name: 'FILE', isOptional: true }],
  options: [
    { name: 'scope', kind: 'text', value: 'NAME', summary: 'the same value has the same placeholder within this name' },
    { name: 'policy', kind: 'text', value: 'NAME', summary: 'by this policy instead of default' },
    {
      name: 'mode',
      kind: 'text',
      value: 'MODE',
      choices: modes,
      summary: 'mask: [EMAIL], nothing is kept; block: fail if anything is found',
    },
    { name: 'explain', kind: 'flag', summary: 'tell each place on stderr: where, what and why' },
  ],
  examples: ['hearth scrub letter.txt > safe.txt', 'git diff | hearth scrub --scope review --explain'],
  run: scrub,
}

export const rehydrateCommand: Command = {
  name: 'rehydrate',
  summary: 'put the values back that "hearth scrub" replaced',
  details: 'Works for whoever scrubbed, until the map expires. Without FILE, or with -, the text is what is piped in.',
  positionals: [{ name: 'FILE', isOptional: true }],
  options: [
    { name: 'map', kind: 'text', value: 'MAP', summary: 'the map that scrub told on stderr' },
    { name: 'scope', kind: 'text', value: 'NAME', summary: 'the name that was given to scrub' },
  ],
  examples: ['hearth rehydrate --map m_0123456789abcdefghjkmnpqrs answer.txt'],
  run: rehydrate,
}

async function scrub(call: Call): Promise<ExitCode> {
  const { flags, terminal } = call
  const text = await readInput(call.positionals[0], terminal)
  const mode = modes.find((each) => each === flags.text('mode'))
  const ask: ScrubAsk = {
    text,
    scope: flags.text('scope') ?? undefined,
    policy: flags.text('policy') ?? undefined,
    mode,
    explain: flags.has('explain'),
  }
  const made = await call.hearth().privacy.scrub(ask)
  if (call.isJson) return answer(call, made, () => '')
  writeText(terminal, String(made.output))
  tell(call, made)
  return exitCodes.ok
}

/** As it is; only where a person looks at it, the remarks begin on a line of their own. */
function writeText(terminal: Call['terminal'], text: string): void {
  terminal.write(text)
  if (terminal.width !== null && !text.endsWith('\n')) terminal.write('\n')
}

function tell({ terminal }: Call, made: ScrubAnswer): void {
  for (const line of explained(made.spans ?? [], terminal)) terminal.note(line)
  const found = made.stats.replaced === 0 ? 'nothing was found' : `${countsText(made.stats.by_type)} replaced`
  terminal.note(made.handle === null ? `${found}; nothing is kept` : `map ${made.handle} (${found})`)
  if (made.expires_at !== null)
    terminal.note(`until ${timeText(made.expires_at)}: hearth rehydrate --map ${made.handle}`)
  if (made.names === 'known-names')
    terminal.note('No recogniser looks for names: only those that the house knows are found.')
  terminal.note(made.notice)
}

function explained(spans: readonly ReplacedSpan[], terminal: Call['terminal']): readonly string[] {
  if (spans.length === 0) return []
  return [
    renderTable<ReplacedSpan>({
      terminal,
      rows: spans,
      columns: [
        { title: 'AT', cell: (span) => `${span.start}-${span.end}`, isRight: true },
        { title: 'PLACEHOLDER', cell: (span) => span.placeholder ?? '-' },
        { title: 'BY', cell: (span) => span.recogniser },
        { title: 'SCORE', cell: (span) => span.score.toFixed(2), isRight: true },
        { title: 'WHY', cell: (span) => span.why, whenNarrow: 'below' },
      ],
    }),
  ]
}

async function rehydrate(call: Call): Promise<ExitCode> {
  const { flags, terminal } = call
  const [handle, scope] = [flags.text('map'), flags.text('scope')]
  if ((handle === null) === (scope === null)) throw usageError('Give --map MAP or --scope NAME, one of the two.')
  const text = await readInput(call.positionals[0], terminal)
  const whose = handle === null ? { scope: scope ?? '' } : { handle }
  const made = await call.hearth().privacy.rehydrate({ ...whose, text })
  if (call.isJson) return answer(call, made, () => '')
  writeText(terminal, String(made.output))
  terminal.note(`${made.replaced} put back`)
  if (made.unresolved.length > 0) terminal.note(`Nothing is known here for ${made.unresolved.slice(0, 10).join(', ')}.`)
  return exitCodes.ok
}
