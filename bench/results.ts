import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine, root } from './machine.ts'

const file = join(root, 'bench/RESULTS.md')
const preface = `# Benchmarks

Each section is written by \`npm run bench -- <name>\` and replaced by its next run. Times depend on the machine; ratios
of one run are what counts. The load generator and the mock upstream share core 0, what is measured has core 1 for
itself (\`taskset\`). Auth and usage rows are on. Every figure is the median of alternating runs.
`

let isKept = true

/** Whether what follows is written down, or only told: a quick run proves that a bench works, and nothing else. */
export function keepResults(is: boolean): void {
  isKept = is
}

/** Replaces the section of one benchmark, with machine, date and commit. */
export function writeSection(name: string, title: string, text: string): void {
  console.log(`\n${title}\n\n${text.trim()}\n`)
  if (!isKept) return
  const old = existsSync(file) ? readFileSync(file, 'utf8') : preface
  const marks = { begin: `<!-- begin ${name} -->`, end: `<!-- end ${name} -->` }
  const date = new Date().toISOString().slice(0, 10)
  const commit = Bun.spawnSync(['git', 'rev-parse', '--short', 'HEAD'], { cwd: root }).stdout.toString().trim()
  const section = `${marks.begin}\n## ${title}\n\n${date}, ${describeMachine()}, commit ${commit}.\n\n${text.trim()}\n${marks.end}`
  const begin = old.indexOf(marks.begin)
  const whole =
    begin === -1
      ? `${old.trimEnd()}\n\n${section}\n`
      : `${old.slice(0, begin)}${section}${old.slice(old.indexOf(marks.end) + marks.end.length)}`
  writeFileSync(file, whole)
  console.log('Written to bench/RESULTS.md.')
}

export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
