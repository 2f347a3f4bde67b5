/**
 * `npm run bench -- <name>…`, the names are below, or `all`. Results go to bench/RESULTS.md. `--quick` runs each for a
 * few seconds, to see that it works, and writes nothing. `--seconds=N`, `--minutes=N`, `--requests=N`, `--trials=N` and
 * `--seed=N` set what they say. Needs Linux with two cores, `taskset`, nginx and wrk (`apt-get install nginx-light
 * wrk`; installed by itself with HEARTH_TEST_SYSTEM=1 as root). Peers: peers/README.md.
 */
import { readFlags, type Flags } from './flags.ts'
import { hangUps } from './hangups.ts'
import { keepResults } from './results.ts'
import { endurance, start } from './steady.ts'
import { privacy } from './privacy.ts'
import { privacyLatency } from './privacy-latency.ts'
import { latency, streams, throughput } from './throughput.ts'
import { translation } from './translation.ts'
import { workloads } from './workloads.ts'

type Benches = Readonly<Record<string, () => Promise<void>>>

process.exitCode = await main(readFlags(Bun.argv.slice(2)))

function benchesOf(flags: Flags): Benches {
  const { isQuick } = flags
  const seconds = (usual: number) => flags.seconds ?? (isQuick ? 3 : usual)
  const rounds = flags.trials ?? (isQuick ? 1 : 5)
  const seed = flags.seed ?? Math.floor(Math.random() * 1e6)
  return {
    throughput: () => throughput({ rounds, seconds: seconds(8), mockKind: 'nginx' }),
    'throughput-bun-mock': () => throughput({ rounds, seconds: seconds(8), mockKind: 'bun' }),
    workloads: () =>
      workloads({
        trials: flags.trials ?? (isQuick ? 1 : 2),
        requests: flags.requests ?? (isQuick ? 200 : 8_000),
        seed,
      }),
    latency: () => latency({ rounds, seconds: seconds(10), rate: 2_000 }),
    streams: () => streams({ rounds, seconds: seconds(12), count: isQuick ? 100 : 1_000 }),
    hangups: () => hangUps({ times: flags.requests ?? (isQuick ? 10 : 200) }),
    translation: () => translation({ rounds, roundMs: isQuick ? 20 : 200 }),
    privacy: () => privacy({ rounds, roundMs: isQuick ? 20 : 200, isQuick, seed: flags.seed ?? 7 }),
    'privacy-latency': () =>
      privacyLatency({ rounds, requests: flags.requests ?? (isQuick ? 200 : 2_000), seed: flags.seed ?? 7 }),
    start: () => start({ rounds: isQuick ? 2 : 7 }),
    endurance: () => endurance({ seconds: flags.seconds ?? (isQuick ? 30 : 1_800), rate: 500, seed }),
  }
}

async function main(flags: Flags): Promise<number> {
  const benches = benchesOf(flags)
  const wanted = flags.names.includes('all') ? Object.keys(benches) : flags.names
  const unknown = wanted.find((name) => !(name in benches))
  if (wanted.length === 0 || unknown !== undefined) {
    const settings = '[--quick] [--seconds=N] [--minutes=N] [--requests=N] [--trials=N] [--seed=N]'
    console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')}|all ${settings}`)
    return 2
  }
  keepResults(!flags.isQuick)
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
