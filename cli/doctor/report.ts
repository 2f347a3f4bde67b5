import type { Style, Terminal } from '../terminal.ts'
import { clean, widthOf, wrap } from '../text-width.ts'

/** What one check found; the server's program writes the same shape. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail' | 'skip'
  readonly found: string
  /** What to do; null when nothing is to be done. */
  readonly advice: string | null
}

export interface Summary {
  readonly ok: number
  readonly warn: number
  readonly fail: number
  readonly skip: number
}

export function summarise(findings: readonly Finding[]): Summary {
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length
  return { ok: count('ok'), warn: count('warn'), fail: count('fail'), skip: count('skip') }
}

const marks: Readonly<Record<Finding['state'], readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  warn: ['!', 'yellow'],
  fail: ['✗', 'red'],
  skip: ['-', 'dim'],
}

/** One line for each finding, what to do below it, and a summary. */
export function renderReport(findings: readonly Finding[], terminal: Pick<Terminal, 'paint' | 'width'>): string {
  const nameWidth = Math.max(0, ...findings.map((finding) => widthOf(finding.name)))
  const indent = nameWidth + 4
  const lines = findings.flatMap(({ name, state, found, advice }) => {
    const [mark, style] = marks[state]
    const head = `${terminal.paint(style, mark)} ${name.padEnd(nameWidth)}  `
    const [first = '', ...more] = wrap(clean(found), terminal.width === null ? null : terminal.width - indent)
    const advised =
      advice === null ? [] : wrap(`→ ${clean(advice)}`, terminal.width === null ? null : terminal.width - indent)
    const below = [...more, ...advised].map((line) => ' '.repeat(indent) + terminal.paint('dim', line))
    return [head + first, ...below]
  })
  return [...lines, '', summaryText(summarise(findings), terminal)].join('\n')
}

function summaryText(summary: Summary, terminal: Pick<Terminal, 'paint'>): string {
  const parts = [
    `${summary.ok} fine`,
    `${summary.warn} to look at`,
    `${summary.fail} broken`,
    `${summary.skip} left out`,
  ]
  const style: Style = summary.fail > 0 ? 'red' : summary.warn > 0 ? 'yellow' : 'green'
  return terminal.paint(style, parts.join(', '))
}
