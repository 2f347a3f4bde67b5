import type { DataClass, Locality } from '#kernel/words.ts'
import type { EgressPolicy } from './contract.ts'

/**
 * May this data go there? null = yes, else the sentence for the caller. Deny by default: only a cloud is outside the
 * house, and until a scrubber is wired only text may go to one, and only where the config says `raw`.
 */
export function denialOf(options: {
  readonly name: string
  readonly locality: Locality
  readonly data: readonly DataClass[]
  readonly hasBody: boolean
  readonly policy: EgressPolicy
}): string | null {
  if (options.locality !== 'cloud') return null
  // A body that nobody named, or that was named metadata, is taken for what it could be.
  const isUnnamed = options.data.length === 0 || (options.hasBody && options.data.every((data) => data === 'metadata'))
  const data = isUnnamed ? (['text'] as const) : options.data
  for (const kind of strictestFirst) {
    if (!data.includes(kind) || kind === 'metadata') continue
    if (kind !== 'text') {
      return (
        `${words[kind]} must not leave the house, and the upstream ${options.name} is a cloud: use a ` +
        `local model for it.`
      )
    }
    if (options.policy.cloudText === 'raw') continue
    return (
      `Text must not leave the house unscrubbed, and the upstream ${options.name} is a cloud: use a local model, ` +
      `declare the upstream \`locality: lan\` if it stands in your network, or allow it with \`egress: { ` +
      `cloudText: raw }\`.`
    )
  }
  return null
}

const strictestFirst: readonly DataClass[] = ['audio', 'transcript', 'image', 'file', 'text', 'metadata']

const words = { audio: 'Audio', transcript: 'A transcript', image: 'An image', file: 'A file' } as const
