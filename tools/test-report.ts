/** Reads the console output of `bun test`; pure but for `reasonToSkip`, which reads the test file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly file: string; readonly name: string }[]
  /** What makes the run a failure although no test says so. */
  readonly notes: readonly string[]
}

const colours = /\u001B\[[0-9;]*m/g

export function readSummary(output: string, exitCode: number): Summary {
  const lines = output.replaceAll(colours, '').split('\n')
  const ran = lines.findLastIndex((line) => /^Ran \d+ tests? across \d+ files?/.test(line))
  const skipped = skippedTests(lines)
  if (ran === -1) {
    return { passed: 0, failed: 1, skipped, notes: [`The runner ended without a summary (exit code ${exitCode}).`] }
  }
  const block = lines.slice(Math.max(0, ran - 12), ran)
  const count = (word: string) =>
    Number(block.map((line) => RegExp(`^ *(\\d+) ${word}s?$`).exec(line)?.[1]).findLast(Boolean) ?? 0)
  const passed = count('pass')
  const failed = count('fail')
  const errors = count('error')
  const told = Math.max(failed, errors)
  const notes: string[] = []
  if (passed === 0) notes.push('No test passed: the run proves nothing.')
  if (errors > failed) notes.push(`${errors} errors outside of tests.`)
  if (exitCode !== 0 && told === 0) notes.push(`The runner's exit code is ${exitCode} although it counts no failure.`)
  return { passed, failed: told === 0 && notes.length > 0 ? 1 : told, skipped, notes }
}

function skippedTests(lines: readonly string[]): Summary['skipped'] {
  let file = ''
  const skipped: { readonly file: string; readonly name: string }[] = []
  for (const line of lines) {
    file = /^(\S+\.test\.tsx?):$/.exec(line)?.[1] ?? file
    const name = /^\((?:skip|todo)\) (.*)$/.exec(line)?.[1]
    if (name !== undefined) skipped.push({ file, name })
  }
  return skipped
}

/** What was not tested and why, in plain sight at the end of the run. A name may say itself what it needs. */
export function report(summary: Summary, reasonOf: (file: string) => string): string {
  const byFile = Map.groupBy(summary.skipped, (test) => test.file)
  const lines = [...byFile].flatMap(([file, tests]) => {
    const isTold = tests.every((test) => /\(needs [^)]+\)/.test(test.name))
    return [`Skipped in ${file}${isTold ? '' : ` (${reasonOf(file)})`}:`, ...tests.map((test) => `  - ${test.name}`)]
  })
  return [...lines, ...summary.notes.map((note) => `Failure: ${note}`)].join('\n')
}

/** The switches that a test file asks for, as its reason: test/tidy.test.ts allows no skip without one. */
export function reasonToSkip(root: string, file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  const switches = [...new Set(text.match(/HEARTH_TEST_[A-Z_]+|process\.platform/g) ?? [])].filter(
    (name) => !process.env[name] || name === 'process.platform',
  )
  if (switches.length === 0) return 'no reason given'
  const system = ['HEARTH_TEST_DATABASE_URL', 'HEARTH_TEST_CHROMIUM', 'HEARTH_TEST_PYTHON', 'HEARTH_TEST_SYSTEM']
  const advice = switches.some((name) => system.includes(name)) ? '; HEARTH_TEST_SYSTEM=1 installs and starts it' : ''
  return `needs ${switches.join(', ')}${advice}`
}
