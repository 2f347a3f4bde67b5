/**
 * `npm run bench -- <name>…`: throughput · throughput-bun-mock · latency · streams · start · soak · all. Results go to
 * bench/RESULTS.md. `--quick` runs each for a few seconds, to see that it works; `--seconds=N` sets the length. Needs
 * Linux with two cores, `taskset`, nginx and wrk (`apt-get install nginx-light wrk`; installed by itself with
 * HEARTH_TEST_SYSTEM=1 as root).
 */
import { soak, start } from './steady.ts'
import { latency, streams, throughput } from './throughput.ts'

const flags = Bun.argv.slice(2)
const isQuick = flags.includes('--quick')
const given = Number(/^--seconds=(\d+)$/.exec(flags.find((flag) => flag.startsWith('--seconds=')) ?? '')?.[1] ?? 0)
const seconds = (usual: number) => given || (isQuick ? 3 : usual)
const rounds = isQuick ? 1 : 5

const benches: Readonly<Record<string, () => Promise<void>>> = {
  throughput: () => throughput({ rounds, seconds: seconds(8), mockKind: 'nginx' }),
  'throughput-bun-mock': () => throughput({ rounds, seconds: seconds(8), mockKind: 'bun' }),
  latency: () => latency({ rounds, seconds: seconds(10), rate: 2_000 }),
  streams: () => streams({ rounds, seconds: seconds(12), count: isQuick ? 100 : 1_000 }),
  start: () => start({ rounds: isQuick ? 2 : 7 }),
  soak: () => soak({ seconds: given || (isQuick ? 30 : 600), rate: 500 }),
}

process.exitCode = await main(flags.filter((flag) => !flag.startsWith('--')))

async function main(names: readonly string[]): Promise<number> {
  const wanted = names.includes('all') ? Object.keys(benches) : names
  const unknown = wanted.find((name) => !(name in benches))
  if (wanted.length === 0 || unknown !== undefined) {
    console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')}|all [--quick] [--seconds=N]`)
    return 2
  }
  await installMissing()
  for (const name of wanted) await benches[name]?.()
  return 0
}

async function installMissing(): Promise<void> {
  const missing = ['nginx', 'wrk'].filter(
    (name) => Bun.which(name, { PATH: `${process.env['PATH']}:/usr/sbin` }) === null,
  )
  if (missing.length === 0) return
  if (process.env['HEARTH_TEST_SYSTEM'] !== '1' || process.getuid?.() !== 0) {
    throw new Error(
      `${missing.join(' and ')} missing: \`apt-get install nginx-light wrk\`, or HEARTH_TEST_SYSTEM=1 as root.`,
    )
  }
  const install = 'apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light wrk'
  const child = Bun.spawn(['sh', '-c', install], { stdout: 'inherit', stderr: 'inherit', stdin: 'ignore' })
  if ((await child.exited) !== 0) throw new Error('nginx and wrk could not be installed.')
}
