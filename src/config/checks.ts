import { formatBytes } from '#kernel/bytes.ts'
import { checkRouting, nearest, vendorWarnings } from './checks-routing.ts'
import { authWarnings, checkAuth } from './checks-auth.ts'
import { checkCompat, compatWarnings } from './checks-compat.ts'
import { checkPrivacy, privacyWarnings } from './checks-privacy.ts'
import { checkPrices } from './settings-prices.ts'
import { checkTls, tlsWarnings } from './checks-tls.ts'
import type { Config, Problem } from './contract.ts'
import type { Environment } from './env.ts'
import type { Layers } from './layers.ts'
import { show } from './leaves.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

export interface Checked {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

interface Checking {
  readonly settings: Settings
  readonly config: Config
  readonly layers: Layers
  readonly environment: Environment
  readonly fileExists: (path: string) => boolean
  /** The id of a model that somebody adds at this moment; null = nobody does. */
  readonly added: string | null
}

/** What no single setting can tell: names that meet, files that are missing, choices a person should hear about. */
export function checkTogether(checking: Checking): Checked {
  const problems: Problem[] = []
  const warnings: string[] = []
  const report = (path: readonly Step[], message: (name: string) => string, fix: string) => {
    const where = checking.layers.sourceOf(path)
    problems.push({ path: where.name, line: where.line, message: message(where.name), fix })
  }
  checkDuplicates(checking, report)
  checkUpstreams(checking, report)
  checkModels(checking, report, warnings)
  checkPools(checking, report)
  checkRouting(checking.settings, report)
  checkObservability(checking, report)
  checkUploads(checking, report)
  checkCompat(checking.settings, report)
  checkAuth(checking.settings, report)
  checkPrivacy(checking.settings, report)
  checkPrices(checking.settings, report)
  checkTls(checking, report)
  problems.push(...checkEnvironment(checking.environment))
  warnings.push(...warningsOf(checking.config))
  return { problems, warnings }
}

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

function checkDuplicates({ settings }: Checking, report: Report): void {
  const lists = [
    ['models', 'id', settings.models.map((model) => model.id)],
    ['upstreams', 'name', settings.upstreams.map((upstream) => upstream.name)],
    ['routes', 'model', settings.routes.map((route) => route.model)],
    ['pools', 'name', settings.pools.map((pool) => pool.name)],
    ['privacy.policies', 'name', settings.privacy.policies.map((policy) => policy.name)],
  ] as const
  for (const [list, key, names] of lists) {
    names.forEach((name, index) => {
      const first = names.indexOf(name)
      if (first !== index)
        report(
          [...list.split('.'), index, key],
          (at) => `${at} is "${name}", as ${list}[${first}].${key} is already.`,
          'Give one of them another name.',
        )
    })
  }
}

/** Names that stand for something else: `local` is who answers for local models, `hearth` has the built-in ones. */
const reservedUpstreams = ['local', 'hearth']

function checkUpstreams({ settings }: Checking, report: Report): void {
  settings.upstreams.forEach((upstream, index) => {
    if (reservedUpstreams.includes(upstream.name)) {
      report(
        ['upstreams', index, 'name'],
        (at) => `${at} is "${upstream.name}", a name that Hearth uses itself.`,
        'Choose another name.',
      )
    }
  })
}

function checkModels(checking: Checking, report: Report, warnings: string[]): void {
  const { settings, config } = checking
  const upstreams = new Set(settings.upstreams.map((upstream) => upstream.name))
  settings.models.forEach((model, index) => {
    const at = (member: string): readonly Step[] => ['models', index, member]
    const given = (['file', 'hf', 'cmd'] as const).filter((member) => model[member] !== undefined)
    if (given.length === 0)
      report(
        ['models', index],
        (name) => `${name} ("${model.id}") says nothing about its weights.`,
        'Add `file`, `hf` or `cmd`.',
      )
    if (given.length > 1)
      report(
        at(given[1] ?? ''),
        (name) => `${name} stands beside ${given[0]}, but only one of file, hf and cmd can be.`,
        'Take one of them out.',
      )
    if (model.engine === 'command' && model.cmd === undefined)
      report(at('engine'), (name) => `${name} is command, but there is no cmd.`, 'Add `cmd`.')
    if (model.engine === 'llama' && model.cmd !== undefined)
      report(
        at('engine'),
        (name) => `${name} is llama, but cmd brings a program of its own.`,
        'Take `engine` or `cmd` out.',
      )
    if (model.id.startsWith('hearth/'))
      report(
        at('id'),
        (name) => `${name} is "${model.id}", but names with hearth/ are the built-in models'.`,
        'Choose another name.',
      )
    const [prefix = ''] = model.id.split('/')
    if (model.id.includes('/') && upstreams.has(prefix)) {
      report(
        at('id'),
        (name) => `${name} is "${model.id}", which already means a model of the upstream ${prefix}.`,
        'Choose a name without that prefix.',
      )
    }
    if (model.mmproj !== undefined && model.cmd === undefined)
      report(
        at('mmproj'),
        (name) => `${name} is for a model that reads images, which the engine llama cannot do yet.`,
        'Take it out, or start a server that can with `cmd` (llama-server with --mmproj); `mmproj` beside `cmd` is good.',
      )
    checkFiles(checking, index, report, warnings)
    const needed = model.memory ?? 0
    if (config.fleet.memoryBytes !== null && needed > config.fleet.memoryBytes) {
      warnings.push(
        `The model ${model.id} needs ${formatBytes(needed)}, more than fleet.memory ` +
          `(${formatBytes(config.fleet.memoryBytes)}): it cannot be loaded.`,
      )
    }
  })
}

function checkFiles(
  { settings, config, fileExists, added }: Checking,
  index: number,
  report: Report,
  warnings: string[],
): void {
  const model = config.models[index]
  const written = settings.models[index]
  if (!model || !written) return
  const files: (readonly [readonly Step[], string])[] = []
  if (model.source.kind === 'file' && written.file !== undefined)
    files.push([['models', index, 'file'], model.source.path])
  if (model.mmproj !== null) files.push([['models', index, 'mmproj'], model.mmproj])
  model.lora.forEach((lora, n) => files.push([['models', index, 'lora', n, 'path'], lora.path]))
  for (const [path, file] of files) {
    if (fileExists(file)) continue
    // What was added at run time must not keep the house from starting because somebody tidied up a disk; whoever adds
    // it now hears of it.
    if (model.from === 'overlay' && model.id !== added)
      warnings.push(`The model ${model.id} cannot be loaded: there is no file ${file}.`)
    else
      report(
        path,
        (name) => `${name} is ${file}, but there is no such file.`,
        'Mend the path; relative ones begin at the folder of hearth.yaml.',
      )
  }
}

function checkPools({ settings }: Checking, report: Report): void {
  const pools = new Set(settings.pools.map((pool) => pool.name))
  const named = [
    ...settings.upstreams.map(({ pool }, index) => ['upstreams', index, pool] as const),
    ...settings.models.map(({ pool }, index) => ['models', index, pool] as const),
  ]
  for (const [list, index, pool] of named) {
    if (pool === undefined || pools.has(pool)) continue
    const message = (name: string) => `${name} is "${pool}", but there is no such pool.`
    report([list, index, 'pool'], message, pools.size === 0 ? 'Add it to `pools`.' : nearest(pool, pools))
  }
  settings.pools.forEach(({ concurrency, perKey = 0 }, index) => {
    if (perKey <= concurrency) return
    const message = (name: string) => `${name} is ${perKey}, more than the ${concurrency} places of the whole pool.`
    report(['pools', index, 'perKey'], message, 'Write a smaller number, or take it out.')
  })
}

/** Written by whoever sends. */
const ownHeaders = /^(accept-encoding|connection|content-.*|host|te|transfer-encoding|user-agent)$/i

function checkObservability({ settings: { cache, telemetry } }: Checking, report: Report): void {
  if (cache.entrySize > cache.size) {
    report(
      ['cache', 'entrySize'],
      (name) => `${name} is ${formatBytes(cache.entrySize)}, more than the whole cache (cache.size).`,
      'Make it smaller, or the cache larger.',
    )
  }
  for (const header of Object.keys(telemetry.headers)) {
    if (/^[a-z][a-z0-9-]{0,63}$/i.test(header) && !ownHeaders.test(header)) continue
    report(
      ['telemetry', 'headers', header],
      (name) => `${name} is no header that can be given: Hearth writes it itself, or its name is none.`,
      'Take it out, or write a name such as x-api-key.',
    )
  }
  if (telemetry.otlp === undefined && Object.keys(telemetry.headers).length > 0) {
    report(
      ['telemetry', 'headers'],
      (name) => `${name} are set, but telemetry.otlp does not say for whom.`,
      'Add `otlp`, or take the headers out.',
    )
  }
}

function checkEnvironment(environment: Environment): readonly Problem[] {
  const problems: Problem[] = []
  const { adminKey, databaseUrl, privacyKey } = environment
  if (adminKey !== null && !/^hk-[a-z0-9]{12}-[0-9a-f]{48}$/.test(adminKey)) {
    problems.push({
      path: 'HEARTH_ADMIN_KEY',
      line: null,
      message: 'HEARTH_ADMIN_KEY does not have the form of a key: hk-, 12 of a-z and 0-9, -, 48 of 0-9 and a-f.',
      fix: 'Make one with: echo "hk-$(openssl rand -hex 6)-$(openssl rand -hex 24)"',
    })
  }
  if (databaseUrl !== null && !/^postgres(ql)?:\/\/[^\s]+$/.test(databaseUrl)) {
    problems.push({
      path: 'HEARTH_DATABASE_URL',
      line: null,
      message: 'HEARTH_DATABASE_URL is not the address of a PostgreSQL.',
      fix: 'Write postgres://user:password@host:5432/hearth, or take it out: SQLite in HEARTH_HOME needs none.',
    })
  }
  if (privacyKey !== null && !/^([0-9a-f]{64}|[A-Za-z0-9+/_-]{43}=?)$/i.test(privacyKey)) {
    problems.push({
      path: 'HEARTH_PRIVACY_KEY',
      line: null,
      message: 'HEARTH_PRIVACY_KEY is no key: 32 bytes as 64 of 0-9 and a-f, or as base64, are wanted.',
      fix: 'Make one with: openssl rand -base64 32. Or take it out: Hearth keeps a key of its own in HEARTH_HOME.',
    })
  }
  const choices = [
    ['HEARTH_LOG_LEVEL', environment.logLevel, ['debug', 'info', 'warn', 'error', 'silent']],
    ['HEARTH_LOG_FORMAT', environment.logFormat, ['lines', 'json']],
  ] as const
  for (const [variable, value, allowed] of choices) {
    if (value === null || allowed.some((choice) => choice === value)) continue
    problems.push({
      path: variable,
      line: null,
      message: `${variable} is ${show(value)}, but must be one of ${allowed.join(', ')}.`,
      fix: 'Write one of them, or take it out.',
    })
  }
  return problems
}

/** An upload that may be that large, and finds no room however empty the disk is, would never get through. */
function checkUploads({ config }: Checking, report: Report): void {
  const { uploadBodyBytes, uploadDiskBytes, uploadMemoryBytes } = config.limits
  if (uploadBodyBytes <= uploadDiskBytes + uploadMemoryBytes) return
  report(
    ['limits', 'uploadDisk'],
    (name) =>
      `${name} is ${formatBytes(uploadDiskBytes)}, less than one upload may have ` +
      `(limits.uploadBody, ${formatBytes(uploadBodyBytes)}).`,
    'Raise `limits.uploadDisk`, or lower `limits.uploadBody`.',
  )
}

function warningsOf(config: Config): readonly string[] {
  const warnings: string[] = [...tlsWarnings(config)]
  warnings.push(...compatWarnings(config), ...authWarnings(config))
  if (config.egress.cloudText === 'raw') {
    warnings.push('egress.cloudText is raw: prompts go to clouds as they are, names and secrets in them included.')
  }
  if (config.log.bodies !== 'off') {
    const whose = config.log.bodies === 'all' ? 'all requests' : 'failed requests'
    warnings.push(`log.bodies is ${config.log.bodies}: what people write and are answered is kept for ${whose}.`)
  }
  if (config.server.corsOrigins.includes('*')) {
    warnings.push('server.corsOrigins has *: pages of every origin may call this API from a browser.')
  }
  for (const upstream of config.upstreams) {
    if (upstream.locality === 'cloud' && config.egress.cloudText === 'deny') {
      warnings.push(`The upstream ${upstream.name} is a cloud and egress.cloudText is deny: text for it is refused.`)
    }
  }
  return [...warnings, ...vendorWarnings(config), ...privacyWarnings(config)]
}
