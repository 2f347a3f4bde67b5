import { hostname } from 'node:os'
import type { Config } from '#config/contract.ts'
import type { LiveConfig } from '#config/index.ts'
import type { Auth } from '#auth/index.ts'
import type { DomainEvent } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import type { Database } from '#platform/db/database.ts'
import type { Egress } from '#platform/egress/contract.ts'
import type { Seal } from '#platform/egress/seal.ts'
import type { Logger } from '#platform/log/logger.ts'
import { openPrivacy, type ListEntry, type Privacy, type PrivacySettings } from '#privacy/index.ts'
import { derive } from './settings.ts'

export interface PrivacyParts {
  readonly environment: { readonly home: string; readonly privacyKey: string | null }
  readonly database: Database
  readonly live: LiveConfig
  readonly egress: Egress
  readonly seal: Pick<Seal, 'close'>
  readonly auth: Auth
  readonly log: Logger
  readonly announce: (event: DomainEvent) => void
}

/** What stands before the door: everything that is asked of models goes through it. */
export function composePrivacy(parts: PrivacyParts): Promise<Privacy> {
  const { environment, database, live, egress, seal, auth, log, announce } = parts
  const { config } = live
  const clock = systemClock
  return openPrivacy({
    ...environment,
    database,
    settings: derive(config, privacySettings),
    cloudText: () => config.value.egress.cloudText,
    policies: {
      set: (name, rules) => live.put(`privacy.policies.${name}`, rules),
      sourceOf: (name) => sourceOf(live, name),
    },
    door: egress.inference,
    sockets: egress.sockets,
    seal,
    names: () => namesOf(config.value),
    record: (entry) => auth.audit.record({ at: clock.now(), ...entry }),
    announce,
    clock,
    log,
  })
}

/** What holds for text whatever a policy says goes into each of them. */
export function privacySettings({ privacy, egress }: Config): PrivacySettings {
  const { cloudText } = egress
  if (cloudText === 'scrub') return privacy
  const text = cloudText === 'deny' ? 'refuse' : 'raw'
  return { ...privacy, policies: privacy.policies.map((policy) => ({ ...policy, cloud: { ...policy.cloud, text } })) }
}

/** The names of this machine and of others in this network. Names of keys are none: `admin` and `test` are words. */
function namesOf({ upstreams }: Config): readonly ListEntry[] {
  const hosts = upstreams.flatMap(({ baseUrl, locality }) => hostOf(baseUrl, locality))
  const own = hostname()
    .toLowerCase()
    .replace(/\.local$/, '')
  return [...new Set(nobodys.has(own) ? hosts : [own, ...hosts])].map((value) => ({ value, type: 'HOST' }))
}

/** As machines are called that nobody gave a name: words of every second text about computers. */
const nobodys: ReadonlySet<string> = new Set([
  'localhost',
  'debian',
  'ubuntu',
  'fedora',
  'raspberrypi',
  'linux',
  'macbook',
  'macbook-pro',
  'docker',
  'server',
])

/** Clouds are everybody's, and an address is found by its looks. */
function hostOf(baseUrl: string, locality: Config['upstreams'][number]['locality']): readonly string[] {
  const { hostname: host } = new URL(baseUrl)
  return locality !== 'lan' || /^[\d.:[\]a-f]+$/.test(host) || nobodys.has(host) ? [] : [host]
}

function sourceOf({ facts }: LiveConfig, name: string): 'default' | 'file' | 'overlay' {
  const path = `privacy.policies.${name}`
  const row = facts.value.provenance.find((each) => each.path === path || each.path.startsWith(`${path}.`))
  if (row?.source === 'file') return 'file'
  return row === undefined || row.source === 'default' ? 'default' : 'overlay'
}
