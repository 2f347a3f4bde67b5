import type { LeakReport, LeakSurvivor } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { millisecondsText } from '../format.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'
import { countsText } from './counts.ts'
import { piecesOf, readSamples, Scores, shareText, type TypeScore } from './eval.ts'
import { readInput } from './input.ts'

/** Of a plain text that is looked at in one call; below the house's own limit. */
const pieceLength = 200_000

export async function evaluate(call: Call): Promise<ExitCode> {
  const { flags, terminal } = call
  const content = await readInput(call.positionals[0], terminal)
  const samples = readSamples(content, flags.has('python-offsets'))
  const policy = flags.text('policy') ?? undefined
  const { privacy } = call.hearth()
  if (samples === null) {
    const counts: Record<string, number> = {}
    for (const text of piecesOf(content, pieceLength)) {
      const found = await privacy.detect({ text, policy })
      for (const [type, count] of Object.entries(found.stats.by_type)) counts[type] = (counts[type] ?? 0) + count
    }
    const lines = content.split('\n').length
    return answer(call, { lines, by_type: counts }, () => `${lines} lines: ${countsText(counts)}`)
  }
  const scores = new Scores()
  for (const [index, { text, entities }] of samples.entries()) {
    terminal.transient(`${index} of ${samples.length}`)
    scores.add(entities, (await privacy.detect({ text, policy })).spans)
  }
  terminal.transient(null)
  const rows = scores.list()
  const scored = rows.map((row) => ({
    ...row,
    recall: row.labelled === 0 ? null : row.found / row.labelled,
    precision: row.reported === 0 ? null : row.right / row.reported,
  }))
  return answer(call, { samples: samples.length, data: scored }, () => renderScores(call, rows))
}

function renderScores({ terminal }: Call, rows: readonly TypeScore[]): string {
  if (rows.length === 0) return 'Nothing is labelled and nothing was found.'
  return renderTable<TypeScore>({
    terminal,
    rows,
    columns: [
      { title: 'TYPE', cell: (row) => row.type },
      { title: 'LABELLED', cell: (row) => String(row.labelled), isRight: true },
      { title: 'RECALL', cell: (row) => shareText(row.found, row.labelled), isRight: true },
      { title: 'COVERED', cell: (row) => shareText(row.covered, row.labelled), isRight: true },
      { title: 'REPORTED', cell: (row) => String(row.reported), isRight: true },
      { title: 'PRECISION', cell: (row) => shareText(row.right, row.reported), isRight: true },
    ],
  })
}

export async function leakTest(call: Call): Promise<ExitCode> {
  const { flags, terminal } = call
  const [cases, seed] = [flags.number('cases'), flags.number('seed')]
  terminal.transient('Canaries are on their way …')
  const report = await call
    .hearth()
    .privacy.leakTest({ ...(cases === null ? {} : { cases }), ...(seed === null ? {} : { seed }) })
  terminal.transient(null)
  answer(call, report, () => renderReport(call, report))
  return report.passed ? exitCodes.ok : exitCodes.failure
}

function renderReport(call: Call, report: LeakReport): string {
  const { claimed, listed } = report
  return [
    facts([
      ['Seed', String(report.seed)],
      ['Cases', `${report.cases} in ${millisecondsText(report.durationMs)}`],
      ['Policy', `${report.policy.name} (${report.policy.version})`],
      ['Sent', `${report.sent}, of which ${report.restored} came back with the original values`],
      ['Refused', String(report.refused)],
      ['Types', countsText(report.byType)],
      ['Digest', report.digest],
    ]),
    '',
    report.passed ? 'No canary that is claimed to be found got out.' : 'Canaries got out that must not:',
    ...survivors(call, claimed),
    ...(listed.length === 0 ? [] : ['', 'Ways of writing that nobody claims to find:', ...survivors(call, listed)]),
  ].join('\n')
}

function survivors({ terminal }: Call, rows: readonly LeakSurvivor[]): readonly string[] {
  if (rows.length === 0) return []
  return [
    renderTable<LeakSurvivor>({
      terminal,
      rows,
      columns: [
        { title: 'TYPE', cell: (row) => row.type },
        { title: 'IN', cell: (row) => row.carrier, isFlexible: true },
        { title: 'WRITTEN', cell: (row) => row.mutation },
        { title: 'CASES', cell: (row) => String(row.cases), isRight: true },
      ],
    }),
  ]
}
