import { strings } from '../strings.ts'

const words = strings.routes

/** Why a target was asked, as the house tells it, in words; what the page does not know stays as it was told. */
export function whyWords(why: string): string {
  if (why === 'only target') return words.why.only
  const chosen = /^(\S+) (\d+) of (\d+)$/.exec(why)
  if (chosen) return words.why.chosen(policyWords(chosen[1] ?? ''), chosen[2] ?? '', chosen[3] ?? '')
  const [what, kind] = /^(.+?) after (\S+)$/.exec(why)?.slice(1) ?? [why, null]
  const told = howWords(what ?? '')
  if (told === null) return why
  return kind ? words.why.before(told, classWords(kind)) : told
}

/** The head `x-hearth-route`, `<target>; <why>`: who answered, and why unless nobody else could have. */
export function routeToldWords(route: string): string {
  const [target = '', ...rest] = route.split('; ')
  const who = target === 'local' || target.startsWith('local/') ? words.here : target
  const why = rest.join('; ')
  return why === '' || why === 'only target' ? who : `${who} (${whyWords(why)})`
}

/** A target by the name it can be asked for. */
export function targetName({ upstream, model }: { readonly upstream: string; readonly model: string }): string {
  return upstream === 'local' ? model : `${upstream}/${model}`
}

/** A policy in words; one the page does not know stays as it was told. */
export function policyWords(policy: string): string {
  return policy in words.policies ? words.policies[policy as keyof typeof words.policies] : policy
}

/** A class of failures in words; one the page does not know stays as it was told. */
export function classWords(kind: string): string {
  return kind in words.classes ? words.classes[kind as keyof typeof words.classes] : kind
}

function howWords(what: string): string | null {
  if (what === 'next') return words.why.next
  if (what === 'all breakers open, tried nevertheless') return words.why.nevertheless
  const [verb, name = ''] = what.split(/ (.*)/)
  if (verb === 'retry') return words.why.again
  return verb === 'fallback' && name !== '' ? words.why.fallback(name) : null
}
