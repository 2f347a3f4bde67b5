import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { Shelf } from '#catalogue/index.ts'
import { messageOf } from '#kernel/errors.ts'
import type { Config, Loaded } from '#config/contract.ts'
import { loadConfig, readEnvironment, type Environment } from '#config/index.ts'
import { createNpmEngineInstaller, readMachineFacts as readEngineMachine } from '#fleet/index.ts'
import { readMachineFacts, runDoctor, type Finding, type Proof, type Report } from '#monitor/index.ts'
import { systemClock } from '#platform/clock.ts'
import { randomHex, randomText } from '#platform/crypto/random.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { silentLogger } from '#platform/log/logger.ts'
import manifest from '../../package.json' with { type: 'json' }
import { openHouse } from '../compose.ts'
import { lookAtAudit } from './doctor-audit.ts'
import { mainListener, readEncryption } from './doctor-tls.ts'

/** A token may need an engine to be installed first. */
const proofMs = 5 * 60_000
const proofTokens = 16
const sources = join(import.meta.dir, '..', '..', 'engines')

/** `doctor`: looks at this machine without a running house. Exit code 1 when something has to be mended. */
export async function doctor(environment: Environment, args: readonly string[]): Promise<number> {
  const configFile = environment.configFile ?? join(environment.home, 'hearth.yaml')
  const content = await readFile(configFile, 'utf8').catch(() => null)
  const { catalogue } = await Shelf.open({ home: environment.home, onWarning: () => {} })
  const config =
    content === null && environment.configFile !== null
      ? missing(configFile)
      : loadConfig({
          environment,
          file: content === null ? null : { path: configFile, content },
          overlay: {},
          catalogue: catalogue.value,
        })
  const installer = createNpmEngineInstaller({
    enginesDir: environment.enginesDir,
    sourceDir: sources,
    environment: environment.forChildren,
    machine: readEngineMachine(),
    clock: systemClock,
  })
  const server = config.ok ? mainListener(config.config) : { host: '127.0.0.1', port: 9999 }
  const report = await runDoctor({
    facts: () =>
      readMachineFacts({
        home: environment.home,
        host: server.host,
        port: server.port,
        compat: config.ok ? compatOf(config.config) : null,
        childEnvironment: environment.forChildren,
      }),
    encryption: config.ok ? () => readEncryption(config.config) : null,
    config,
    configFile: content === null ? null : configFile,
    engines: () => installer.list(),
    wantedBun: manifest.dependencies.bun,
    audit: () => lookAtAudit(environment),
    proveSmoke: args.includes('--no-token') ? null : () => proveSmoke(environment),
  })
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(report)}\n` : inWords(report))
  return report.summary.fail > 0 ? 1 : 0
}

const missing = (file: string): Loaded => ({
  ok: false,
  problems: [
    {
      path: '',
      line: null,
      message: `There is no configuration file ${file}.`,
      fix: 'Mend --config or HEARTH_CONFIG.',
    },
  ],
})

const compatOf = ({ compat }: Config): { readonly host: string; readonly port: number } | null =>
  compat.ollama === null ? null : { host: compat.host, port: compat.ollama }

/**
 * A house of its own in a folder that goes away, with the engines that are installed: a real token, nothing left
 * behind.
 */
async function proveSmoke(environment: Environment): Promise<Proof> {
  const home = await mkdtemp(join(tmpdir(), 'hearth-doctor-'))
  const key = `hk-${randomText(12, 'abcdefghijklmnopqrstuvwxyz0123456789')}-${randomHex(24)}`
  const own = readEnvironment({
    ...environment.forChildren,
    HEARTH_HOME: home,
    HEARTH_PORT: '0',
    HEARTH_ADMIN_KEY: key,
    HEARTH_ENGINES_DIR: environment.enginesDir,
  })
  try {
    await using house = await openHouse({ environment: own, configFile: null, log: silentLogger })
    return await askForTokens(house.address, key)
  } catch (error) {
    return { ok: false, tokensPerSecond: null, message: messageOf(error) }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function askForTokens(address: string, key: string): Promise<Proof> {
  await using egress = openEgress({
    policy: createCell({ proxy: null }),
    log: silentLogger,
    clock: systemClock,
  })
  const body = { model: 'hearth/smoke', max_tokens: proofTokens, messages: [{ role: 'user', content: 'Hello' }] }
  const ask = async () => {
    const startedAt = systemClock.mono()
    const sent = await egress.inference.send(
      { name: 'doctor', baseUrl: `${address}/v1`, locality: 'host' },
      {
        method: 'POST',
        path: '/chat/completions',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: new TextEncoder().encode(JSON.stringify(body)),
        data: ['text'],
      },
      { deadlines: { firstByteMs: proofMs, idleMs: proofMs, totalMs: proofMs }, signal: new AbortController().signal },
    )
    if (sent.kind !== 'answer') return { error: sent.message, ms: 0, tokens: 0 }
    const read = await sent.bytes(1024 * 1024)
    const answer = JSON.parse(read.kind === 'whole' ? new TextDecoder().decode(read.bytes) : '{}') as Answer
    return {
      error: answer.error?.message ?? null,
      ms: systemClock.mono() - startedAt,
      tokens: answer.usage?.completion_tokens ?? 0,
    }
  }
  const first = await ask()
  if (first.error !== null) return { ok: false, tokensPerSecond: null, message: first.error }
  // The first answer waited for the engine; the second one tells how fast it is.
  const second = await ask()
  if (second.error !== null || second.tokens === 0)
    return { ok: false, tokensPerSecond: null, message: second.error ?? 'It answered without a token.' }
  return {
    ok: true,
    tokensPerSecond: Math.round((second.tokens / second.ms) * 1000),
    message: `${second.tokens} tokens came from hearth/smoke.`,
  }
}

interface Answer {
  readonly error?: { readonly message: string }
  readonly usage?: { readonly completion_tokens?: number }
}

const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' }

function inWords({ findings, summary }: Report): string {
  const lines = findings.map(
    ({ state, name, found, advice }) =>
      `${marks[state]}  ${name}: ${found}${advice === null ? '' : `\n      → ${advice}`}`,
  )
  return `${lines.join('\n')}\n\n${summary.ok} ok, ${summary.warn} to look at, ${summary.fail} to mend, ${summary.skip} skipped\n`
}
