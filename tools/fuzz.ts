/**
 * `npm run fuzz`: nearly right requests and upstreams against the data plane on real sockets (test/env/fuzz.ts), for a
 * minute. What fails is printed with what plays it again.
 *
 *   npm run fuzz -- --seconds=600
 *   npm run fuzz -- --seed=abc --case=17      one case
 */
import { runFuzz } from '../test/env/fuzz.ts'

const defaultSeconds = 60
/** More than this for a minute of requests is a leak. */
const mostGrownBytes = 200 * 2 ** 20

process.exitCode = await main(Bun.argv.slice(2))

async function main(flags: readonly string[]): Promise<number> {
  const read = new Map(flags.map((flag) => /^--(seconds|seed|case)=(.+)$/.exec(flag)?.slice(1) as [string, string]))
  if (read.has(undefined as never)) return usage()
  const seed = read.get('seed') ?? crypto.randomUUID().slice(0, 8)
  const seconds = Number(read.get('seconds') ?? defaultSeconds)
  const only = read.get('case')
  if (!(seconds > 0) || (only !== undefined && !/^\d+$/.test(only))) return usage()
  console.log(`fuzz: --seed=${seed}`)
  const report = await runFuzz({
    seed,
    seconds,
    ...(only === undefined ? {} : { only: Number(only) }),
    onProgress: (cases) => console.log(`${cases} cases`),
  })
  for (const fault of report.faults) console.error(`FAULT ${fault}`)
  const grown = Math.round(report.grownBytes / 2 ** 20)
  console.log(`${report.cases} cases, ${grown} MB grown, endings: ${JSON.stringify(report.endings)}`)
  return report.faults.length === 0 && report.grownBytes < mostGrownBytes ? 0 : 1
}

function usage(): number {
  console.error('Usage: npm run fuzz -- [--seconds=60] [--seed=text] [--case=number]')
  return 2
}
