import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cores, describeLoad, output, pinned, root } from './machine.ts'
import type { GateRow, PathologicalRow, RehydrateRow, ScrubRow, Wanted } from './privacy/program.ts'
import { kinds, textOf } from './privacy/texts.ts'
import { megabytes } from './privacy/timing.ts'
import { table, writeSection } from './results.ts'

export interface PrivacyOptions {
  readonly rounds: number
  readonly roundMs: number
  readonly isQuick: boolean
  readonly seed: number
}

const kilobyte = 1024
const sizes = [4, 64, 1024].map((kb) => kb * kilobyte)
const presidioVersion = '2.2.366'
const aims = { scrub: 5, rehydrate: 20, chunkMicros: 100, pathologicalMs: 1000 } as const

/** What hiding and putting back cost, without the door: processes of their own on one core. */
export async function privacy({ isQuick, seed, ...pace }: PrivacyOptions): Promise<void> {
  const load = describeLoad()
  const ask = async <T>(what: Wanted['what'], of: readonly number[]): Promise<readonly T[]> => {
    const wanted: Wanted = { what, seed, sizes: of, ...pace }
    const program = [process.execPath, join(root, 'bench/privacy/program.ts'), JSON.stringify(wanted)]
    const rows = JSON.parse(await output(pinned(cores.measured, program))) as readonly T[]
    console.log(what, JSON.stringify(rows))
    return rows
  }
  const scrub = await ask<ScrubRow>('scrub', isQuick ? sizes.slice(0, 2) : sizes)
  const rehydrate = await ask<RehydrateRow>('rehydrate', [64 * kilobyte])
  const pathological = await ask<PathologicalRow>('pathological', [isQuick ? 64 * kilobyte : 1_000_000])
  const gate = await ask<GateRow>('gate', isQuick ? sizes.slice(0, 2) : sizes)
  const peer = await besidePresidio(scrub, { rounds: isQuick ? 1 : 3, seed })
  const worst = Math.max(...pathological.map(({ ms }) => Math.max(...ms)))
  writeSection(
    'privacy',
    'What hiding identifiers costs',
    `One process on one core; seconds of its processor time, the compiler's and the collector's with them, so that what
else runs on the machine counts less. ${load} Medians of ${pace.rounds} rounds, when it is warm (seed ${seed}). No
recogniser of names; 20 people in the directory.

### Finding and hiding

“find” looks for everything in the text; “scrub” goes from a request's JSON to the bytes that may leave, in a new
conversation, through the leak gate (aim ${aims.scrub} MB/s). Source code is this repository's own.

${scrubTable(scrub)}

### Putting back

Streams of one event for each five characters, each event in a chunk of its own; in half of them a placeholder about
every two hundred characters (aim ${aims.rehydrate} MB/s, and at most ${aims.chunkMicros} µs for a chunk).

${table(
  ['', 'placeholders', 'chunks', 'MB/s', 'µs for a chunk'],
  rehydrate.map((row) => [
    row.api,
    row.isHiding ? 'yes' : 'none',
    row.chunks,
    row.megabytesPerSecond.toFixed(1),
    row.microsPerChunk.toFixed(1),
  ]),
)}

### The leak gate

${table(
  ['known values', 'size of the request', 'MB/s'],
  gate.map(({ values, size, megabytesPerSecond }) => [values, sizeName(size), megabytesPerSecond.toFixed(0)]),
)}

### A megabyte of what is made to be slow

From its JSON to the bytes, leak gate included: the first time, when nothing is compiled, and the second. The slowest
takes ${worst.toFixed(0)} ms (aim ${aims.pathologicalMs}).

${table(
  ['', 'first ms', 'second ms', 'outcome'],
  pathological.map(({ name, ms: [cold, warm], outcome }) => [name, cold.toFixed(0), warm.toFixed(0), outcome]),
)}

${peer}`,
  )
}

function scrubTable(rows: readonly ScrubRow[]): string {
  return table(
    ['text', 'size', 'found', 'find MB/s', 'scrub MB/s', 'scrub ms', 'blocked'],
    rows.map(({ kind, size, spans, find, scrub, scrubMs, isBlocked }) => [
      kind,
      sizeName(size),
      spans,
      find.toFixed(1),
      scrub.toFixed(1),
      scrubMs.toFixed(2),
      isBlocked ? 'yes' : '',
    ]),
  )
}

const sizeName = (size: number): string =>
  size >= kilobyte * kilobyte ? `${size / kilobyte / kilobyte} MB` : `${size / kilobyte} KB`

interface PresidioFigures {
  readonly recognisers: number
  readonly rows: readonly { readonly seconds: number; readonly found: number }[]
}

/** The same texts through Presidio's analyzer, with what of it needs no model. */
async function besidePresidio(
  scrub: readonly ScrubRow[],
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Promise<string> {
  if (process.env['BENCH_PRESIDIO'] === '0') return 'Presidio was left out.'
  const size = 64 * kilobyte
  const texts = kinds.map((kind) => textOf(kind, size, seed))
  const { recognisers, rows } = await askPresidio(texts, rounds)
  return `### Beside Presidio

Presidio's analyzer ${presidioVersion} with its ${recognisers} recognisers for English that need no model, over a blank
tokenizer, on the same texts of ${sizeName(size)} and the same core. It knows fewer kinds of values, and reads a text as
it is; “find” above has all of Hearth's, in every reading.

${table(
  ['text', 'Presidio MB/s', 'found', 'Hearth MB/s', 'found', 'ratio'],
  kinds.map((kind, index) => {
    const { seconds, found } = rows[index] ?? { seconds: Number.NaN, found: 0 }
    const own = scrub.find((row) => row.kind === kind && row.size === size)
    const pace = megabytes(texts[index] ?? '') / seconds
    const find = own?.find ?? Number.NaN
    return [kind, pace.toFixed(2), found, find.toFixed(1), own?.spans ?? 0, (find / pace).toFixed(0)]
  }),
)}`
}

async function askPresidio(texts: readonly string[], rounds: number): Promise<PresidioFigures> {
  const environment = join(root, 'bench/out', `presidio-${presidioVersion}`)
  const python = join(environment, 'bin/python')
  if (!existsSync(join(environment, 'bin/pip'))) {
    await mkdir(join(root, 'bench/out'), { recursive: true })
    await output(['python3', '-m', 'venv', environment])
  }
  await output([join(environment, 'bin/pip'), 'install', '-q', `presidio-analyzer==${presidioVersion}`])
  const command = pinned(cores.measured, [python, join(root, 'bench/privacy/presidio.py'), String(rounds)])
  const child = Bun.spawn([...command], {
    stdin: new Blob([JSON.stringify(texts)]),
    stdout: 'pipe',
    stderr: 'ignore',
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const text = await child.stdout.text()
  if ((await child.exited) !== 0) throw new Error('Presidio could not be asked; BENCH_PRESIDIO=0 leaves it out.')
  return JSON.parse(text) as PresidioFigures
}
