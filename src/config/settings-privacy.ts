import type { Config, PolicyConfig } from './contract.ts'
import type { Settings } from './schema.ts'

/** What holds where nobody says anything else: text leaves scrubbed, nothing else leaves. */
export const defaultPolicy: PolicyConfig = {
  name: 'default',
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}

/** What the settings of privacy mean: a part of settings.ts. `default` comes first, whoever wrote it. */
export function privacyOf({ privacy, upstreams }: Settings): Config['privacy'] {
  const { policies, recogniser, ttl, limits } = privacy
  const isDefault = ({ name }: PolicyConfig) => name === defaultPolicy.name
  return {
    policies: [policies.find(isDefault) ?? defaultPolicy, ...policies.filter((policy) => !isDefault(policy))],
    upstreamPolicies: new Map(
      upstreams.flatMap((upstream) => (upstream.privacy === undefined ? [] : [[upstream.name, upstream.privacy]])),
    ),
    recogniser:
      recogniser === undefined
        ? null
        : {
            url: recogniser.url,
            kind: recogniser.kind,
            timeoutMs: recogniser.timeout,
            minScore: recogniser.minScore,
            language: recogniser.language,
            entities: recogniser.entities,
          },
    ttlMs: ttl,
    limits: {
      textBytes: limits.text,
      scrubMs: limits.scrubTime,
      decodedBytes: limits.decoded,
      scopes: limits.scopes,
      valuesPerScope: limits.valuesPerScope,
    },
  }
}
