import { nearest } from './checks-routing.ts'
import { isCloudVendor } from './clouds.ts'
import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

export function checkPrivacy({ upstreams, privacy, compat }: Settings, report: Report): void {
  const policies = new Set(['default', ...privacy.policies.map((policy) => policy.name)])
  upstreams.forEach((upstream, index) => {
    if (upstream.privacy === undefined || policies.has(upstream.privacy)) return
    report(
      ['upstreams', index, 'privacy'],
      (name) => `${name} is "${upstream.privacy}", but there is no such policy.`,
      policies.size === 1 ? 'Add it to `privacy.policies`.' : nearest(upstream.privacy, policies),
    )
  })
  if (privacy.recogniser === undefined || compat.presidio === undefined) return
  const { hostname, port } = new URL(privacy.recogniser.url)
  if (Number(port) !== compat.presidio || !(ownHosts.test(hostname) || hostname === compat.host)) return
  report(
    ['privacy', 'recogniser', 'url'],
    (name) => `${name} is ${hostname}:${port}, the port of compat.presidio: Hearth would ask itself for names.`,
    'Write the address of a Presidio of its own, or choose another port for compat.presidio.',
  )
}

const ownHosts = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|0\.0\.0\.0)$/

/** What a person should hear about at every start: what leaves the house otherwise than scrubbed. */
export function privacyWarnings(config: Config): readonly string[] {
  const { privacy, egress } = config
  // Nothing leaves, or everything does, whatever the policies say: other warnings tell that.
  if (egress.cloudText === 'deny') return []
  const warnings = privacy.policies.flatMap((policy) => {
    const raw = dataClasses.filter((data) => policy.cloud[data] === 'raw')
    return [
      ...(raw.length === 0
        ? []
        : [`privacy.policies.${policy.name}: ${raw.join(', ')} may leave for clouds as it is, unscrubbed.`]),
      ...(policy.cloud.transcript === 'scrub'
        ? [`privacy.policies.${policy.name}: what was spoken may leave for clouds, with identifiers replaced.`]
        : []),
      ...(policy.restoreSecrets === 'always'
        ? [`privacy.policies.${policy.name}: keys and passwords are put back into answers.`]
        : []),
    ]
  })
  return egress.cloudText === 'raw' ? warnings : [...warnings, ...nameWarnings(config)]
}

const dataClasses = ['text', 'transcript', 'audio', 'image', 'file'] as const

/** Identifiers have a form; names have none. Without somebody who reads, only those that the house knows are found. */
function nameWarnings({ upstreams, privacy }: Config): readonly string[] {
  if (privacy.recogniser !== null) return []
  const exposed = upstreams.filter(({ name, locality, baseUrl }) => {
    const policy = privacy.policies.find((each) => each.name === (privacy.upstreamPolicies.get(name) ?? 'default'))
    const isCloud = locality === 'cloud' || (locality === null && isCloudVendor(baseUrl))
    return isCloud && policy?.names === 'known-names' && policy.cloud.text === 'scrub'
  })
  if (exposed.length === 0) return []
  return [
    `No recogniser of names is configured (privacy.recogniser): names that the house does not know go out to ` +
      `${exposed.map(({ name }) => name).join(', ')}. Identifiers and known names are replaced.`,
  ]
}
