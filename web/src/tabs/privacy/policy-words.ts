import type { PolicyView } from '../../api/privacy.ts'
import { strings } from '../../strings.ts'

const words = strings.privacy.policies

/** Whose policy it is, for a sentence. */
export function cloudsOf({ isDefault, upstreams }: Pick<PolicyView, 'isDefault' | 'upstreams'>): string {
  const all = [...upstreams, ...(isDefault ? [words.forOthers] : [])]
  return all.length === 0 ? words.forNobody : all.join(', ')
}
