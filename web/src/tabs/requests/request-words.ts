import type { RequestView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { money, number } from '../../text/format.ts'

const words = strings.requests

/** A reason in words; one the page does not know stays as it was told. */
export function reasonWords(reason: string): string {
  return reason in words.reasons ? words.reasons[reason as keyof typeof words.reasons] : reason
}

export function answeredBy({ upstream }: Pick<RequestView, 'upstream'>): string {
  if (upstream === null) return words.nobody
  return upstream === 'local' ? words.local : upstream
}

export function tokensWords(tokens: number | null): string {
  return tokens === null ? strings.unknown : number(tokens)
}

export function costWords(costMicros: number | null): string {
  return costMicros === null ? '–' : money(costMicros)
}

export const outcomeLooks: Readonly<Record<RequestView['outcome'], string>> = {
  complete: 'text-moss',
  incomplete: 'text-ochre',
  aborted: 'text-soft',
  failed: 'text-garnet',
}
