/**
 * `npm run check`: types (full, pure, page), lint, format and unused code, side by side, with one summary.
 * Tests are `npm test`; continuous integration runs both (.ci/run). `npm run check -- --fix` mends what can be mended.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

interface Check {
  readonly name: string
  readonly command: readonly string[]
  /** What `--fix` runs instead, before everything else and alone: it writes. */
  readonly fix?: readonly string[]
}

const root = join(import.meta.dir, '..')
const bin = (name: string) => join(root, 'node_modules/.bin', name)
/** Enough to see the first problems of each; the whole output is one command away. */
const mostLines = 60

const checks: readonly Check[] = [
  ...['tsconfig.json', 'tsconfig.pure.json', 'web/tsconfig.json']
    .filter((project) => existsSync(join(root, project)))
    .map((project) => ({ name: `types (${project})`, command: [bin('tsc'), '-p', project, '--pretty', 'false'] })),
  { name: 'lint', command: [bin('oxlint')], fix: [bin('oxlint'), '--fix'] },
  { name: 'format', command: [bin('oxfmt'), '--check', '.'], fix: [bin('oxfmt'), '--write', '.'] },
  { name: 'unused code', command: [bin('knip'), '--no-progress'] },
]

process.exitCode = await main(Bun.argv.slice(2))

async function main(flags: readonly string[]): Promise<number> {
  const unknown = flags.find((flag) => flag !== '--fix')
  if (unknown !== undefined) {
    console.error(`Unknown option ${unknown}. Use \`npm run check\` or \`npm run check -- --fix\`.`)
    return 2
  }
  if (flags.includes('--fix')) for (const check of checks) if (check.fix) await run(check.name, check.fix)
  const results = await Promise.all(checks.map((check) => run(check.name, check.command)))
  for (const result of results.filter((each) => !each.isGood))
    console.log(`\n── ${result.name}\n${shorten(result.output)}`)
  console.log('')
  for (const { isGood, name, seconds } of results)
    console.log(`${isGood ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
  return results.every((result) => result.isGood) ? 0 : 1
}

async function run(name: string, command: readonly string[]) {
  const start = performance.now()
  const child = Bun.spawn([...command], {
    cwd: root,
    env: process.env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  return { name, isGood: code === 0, output: `${out}${err}`.trim(), seconds }
}

function shorten(output: string): string {
  const lines = output.split('\n')
  if (lines.length <= mostLines) return output
  return [...lines.slice(0, mostLines), `… and ${lines.length - mostLines} more lines`].join('\n')
}
