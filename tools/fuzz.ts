/**
 * `npm run fuzz`: nearly right requests and upstreams against the data plane on real sockets (test/env/fuzz.ts), for a
 * minute. What fails is printed with what plays it again.
 *
 *   npm run fuzz -- --seconds=600
 *   npm run fuzz -- --seed=abc --case=17      one case
 *
 * `npm run fuzz -- privacy`: 10,000 canaries on their way to a captive cloud (test/env/privacy-fuzz.ts).
 *
 *   npm run fuzz -- privacy --cases=500 --seed=abc
 *   npm run fuzz -- privacy --seed=abc --case=17
 */
import { runFuzz } from '../test/env/fuzz.ts'
import { runPrivacyFuzz } from '../test/env/privacy-fuzz.ts'

const defaultSeconds = 60
const defaultCases = 10_000
/** More than this for a minute of requests is a leak. */
const mostGrownBytes = 200 * 2 ** 20

process.exitCode = await main(Bun.argv.slice(2))

async function main(given: readonly string[]): Promise<number> {
  const isPrivacy = given[0] === 'privacy'
  const flags = given.slice(isPrivacy ? 1 : 0)
  const known = isPrivacy ? /^--(cases|seed|case)=(.+)$/ : /^--(seconds|seed|case)=(.+)$/
  const found = flags.map((flag) => known.exec(flag))
  if (found.includes(null)) return usage()
  const read = new Map(found.map((match) => [match?.[1] ?? '', match?.[2] ?? '']))
  return isPrivacy ? fuzzPrivacy(read) : fuzzGateway(read)
}

async function fuzzPrivacy(read: ReadonlyMap<string, string>): Promise<number> {
  const seed = read.get('seed') ?? crypto.randomUUID().slice(0, 8)
  const cases = Number(read.get('cases') ?? defaultCases)
  const only = read.get('case')
  if (!Number.isInteger(cases) || cases < 1 || (only !== undefined && !/^\d+$/.test(only))) return usage()
  console.log(`fuzz: privacy --seed=${seed}`)
  const { faults, listed, ...counts } = await runPrivacyFuzz({
    seed,
    cases,
    ...(only === undefined ? {} : { only: Number(only) }),
    onProgress: (played) => console.log(`${played} cases`),
  })
  for (const fault of faults) console.error(`FAULT ${fault}`)
  for (const known of listed) console.log(`not claimed: ${known}`)
  console.log(`${faults.length} faults, ${listed.length} not claimed, ${JSON.stringify(counts)}`)
  return faults.length === 0 ? 0 : 1
}

async function fuzzGateway(read: ReadonlyMap<string, string>): Promise<number> {
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
  console.error('       npm run fuzz -- privacy [--cases=10000] [--seed=text] [--case=number]')
  return 2
}
