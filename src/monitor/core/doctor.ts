import type { Loaded } from '#config/contract.ts'
import { messageOf } from '#kernel/errors.ts'
import { judgeEncryption, type EncryptionFacts } from './doctor/encryption.ts'
import type { EngineFacts, MachineFacts, Proof } from './doctor/facts.ts'
import { fail, ok, skip, warn, type Finding } from './doctor/finding.ts'
import {
  judgeClock,
  judgeCompatPort,
  judgeGpus,
  judgeHome,
  judgeMemory,
  judgeNetwork,
  judgeOpenFiles,
  judgePort,
  judgeRuntime,
} from './doctor/machine.ts'
import { judgeSleep } from './doctor/sleep.ts'

export interface Report {
  readonly findings: readonly Finding[]
  readonly summary: { readonly ok: number; readonly warn: number; readonly fail: number; readonly skip: number }
}

export interface DoctorOptions {
  readonly facts: () => Promise<MachineFacts>
  /** null = the settings cannot be read. */
  readonly encryption?: (() => Promise<EncryptionFacts>) | null
  /** The configuration as it would be at a start, and the file that it comes from; null = there is none. */
  readonly config: Loaded
  readonly configFile: string | null
  readonly engines: () => Promise<readonly EngineFacts[]>
  /** The version that package.json pins. */
  readonly wantedBun: string | null
  /** Whether the audit log is whole; null = there is nothing to look at. */
  readonly audit?: (() => Promise<Finding>) | null
  /** A token through the smoke model; null = not wanted. May start an engine, which is gone again when it resolves. */
  readonly proveSmoke: (() => Promise<Proof>) | null
}

/**
 * All checks of this machine, in the order in which one would mend them. Never rejects: a check that breaks is a
 * finding.
 */
export async function runDoctor(options: DoctorOptions): Promise<Report> {
  const findings: Finding[] = [...(await machineFindings(options))]
  findings.push(...judgeConfig(options.config, options.configFile), ...warningsOf(options.config))
  findings.push(...(await engineFindings(options)))
  if (options.audit) findings.push(await options.audit().catch(auditUnread))
  findings.push(await tokenFinding(options.proveSmoke, findings))
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length
  return { findings, summary: { ok: count('ok'), warn: count('warn'), fail: count('fail'), skip: count('skip') } }
}

async function machineFindings({ facts, wantedBun, encryption = null }: DoctorOptions): Promise<readonly Finding[]> {
  try {
    const machine = await facts()
    const protection = encryption === null ? null : await encryption()
    const isPlain = protection?.listeners.some(({ kind }) => kind === 'http') ?? true
    return [
      judgeRuntime(machine, wantedBun),
      ...judgeHome(machine),
      judgePort(machine),
      ...judgeCompatPort(machine),
      judgeNetwork(machine, isPlain),
      ...(protection === null ? [] : judgeEncryption(protection, machine.addresses)),
      judgeMemory(machine),
      judgeOpenFiles(machine),
      judgeGpus(machine),
      judgeClock(machine),
      judgeSleep(machine),
    ]
  } catch (error) {
    return [fail('machine', `This machine could not be read: ${messageOf(error)}`, null)]
  }
}

/** One finding for each problem: they are mended one by one. */
export function judgeConfig(config: Loaded, file: string | null): readonly Finding[] {
  const name = 'settings'
  if (config.ok) {
    const { models, upstreams, routes } = config.config
    const counts = `${models.length} models, ${upstreams.length} upstreams, ${routes.length} routes`
    return [ok(name, `${file === null ? 'There is no config file; defaults hold' : `${file} is valid`}: ${counts}.`)]
  }
  const last = config.problems.length - 1
  return config.problems.map(({ path, line, message, fix }, index) => {
    // Most sentences begin with the setting's name.
    const setting = path === '' || message.startsWith(path) ? '' : `${path}: `
    const where = [file, line === null ? null : `line ${line}`].filter((part) => part !== null).join(', ')
    const all = 'Hearth does not start with it, and a running one keeps what it had.'
    const advice = [fix, index === last ? all : ''].filter((part) => part !== '').join(' ')
    return fail(name, `${where === '' ? '' : `${where}: `}${setting}${message}`, advice === '' ? null : advice)
  })
}

/** A database that does not answer has a sentence of its own, at the start. */
const auditUnread = (error: unknown): Finding => skip('audit log', `It could not be read: ${messageOf(error)}`)

const warningsOf = (config: Loaded): readonly Finding[] =>
  config.ok ? config.warnings.map((warning) => warn('setting', warning, null)) : []

async function engineFindings({ engines }: DoctorOptions): Promise<readonly Finding[]> {
  try {
    return (await engines()).map(({ name, isInstalled, version, variant }) => {
      const what = [version, variant].filter((part) => part !== null).join(', ')
      if (isInstalled) return ok(`engine ${name}`, `Installed${what === '' ? '' : ` (${what})`}.`)
      return warn(
        `engine ${name}`,
        'Not installed yet: the first request to its models waits for that.',
        `Beforehand: hearth engine install ${name}`,
      )
    })
  } catch (error) {
    return [fail('engines', `They could not be looked at: ${messageOf(error)}`, null)]
  }
}

async function tokenFinding(prove: DoctorOptions['proveSmoke'], before: readonly Finding[]): Promise<Finding> {
  const name = 'a token'
  if (prove === null) return skip(name, 'Left out.')
  const missing = before.find((finding) => finding.name === 'engine llama' && finding.state !== 'ok')
  if (missing) return skip(name, `Left out: ${missing.name} is not installed.`)
  try {
    const { ok: isProven, tokensPerSecond, message } = await prove()
    const speed = tokensPerSecond === null ? '' : ` (${Math.round(tokensPerSecond)} tokens/s)`
    if (isProven) return ok(name, `${message}${speed}`)
    return fail(name, message, 'The log of the model hearth/smoke says more: hearth logs hearth/smoke')
  } catch (error) {
    return fail(name, `The smoke model could not be asked: ${messageOf(error)}`, null)
  }
}
