import type { PolicyView } from '../../api/privacy.ts'

/** What becomes of names where no recogniser looks for them. */
export type NamesTold =
  /** No policy that is in use lets text leave. */
  | { readonly kind: 'no-text' }
  | { readonly kind: 'kept'; readonly policies: readonly string[] }
  /** `open` can be changed here, `inFile` in hearth.yaml only. */
  | { readonly kind: 'out'; readonly open: readonly PolicyView[]; readonly inFile: readonly string[] }

export function namesTold(policies: readonly PolicyView[]): NamesTold {
  const used = policies.filter((policy) => isUsed(policy) && leavesScrubbed(policy))
  const letting = used.filter((policy) => policy.names === 'known-names')
  if (letting.length > 0)
    return {
      kind: 'out',
      open: letting.filter((policy) => policy.source !== 'file'),
      inFile: letting.flatMap((policy) => (policy.source === 'file' ? [policy.name] : [])),
    }
  return used.length === 0 ? { kind: 'no-text' } : { kind: 'kept', policies: used.map(({ name }) => name) }
}

const isUsed = ({ isDefault, upstreams }: PolicyView) => isDefault || upstreams.length > 0
const leavesScrubbed = ({ cloud }: PolicyView) => cloud.text !== 'refuse' || cloud.transcript !== 'refuse'
