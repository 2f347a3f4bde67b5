import type { Outbound } from '#platform/egress/contract.ts'
import type { ListEntry, PrivacyPolicy } from '../contract.ts'
import { makeCanaries } from '../core/canaries/canaries.ts'
import type { Canary } from '../core/canaries/canary.ts'
import { carriers, type Carrier } from '../core/canaries/carriers.ts'
import { closedRows } from '../core/canaries/closed.ts'
import { asEchoed, withStream } from '../core/canaries/echo.ts'
import { mutations, type Mutation } from '../core/canaries/mutations.ts'
import { knownCanary } from '../core/canaries/names.ts'
import { createRandom, type Random } from '../core/canaries/random.ts'

/** One request with one canary in it. */
export interface LeakCase {
  readonly index: number
  readonly type: Canary['type']
  readonly carrier: string
  readonly mutation: string
  readonly isClaimed: boolean
  /** It must not arrive at all. */
  readonly mustStay: boolean
  /** The canary as it is and as it was written. */
  readonly values: readonly string[]
  /** One of these is in the answer that comes back; empty: it need not be. */
  readonly echoes: readonly string[]
  readonly request: Outbound
}

/** Of so many cases one carries a very long text. */
const largeEvery = 100

/** The cases of a seed, one after the other: the same for the same seed and lists. */
export function* planned(
  { cases, seed }: { readonly cases: number; readonly seed: number },
  house: { readonly directory: readonly ListEntry[]; readonly policy: PrivacyPolicy },
): Generator<LeakCase> {
  const random = createRandom(seed)
  const small = carriers.filter(({ isLarge }) => isLarge !== true)
  const large = carriers.filter(({ isLarge }) => isLarge === true)
  let waiting: Canary[] = []
  let index = 0
  for (const each of closedCases(random, house.policy).slice(0, Math.ceil(cases / 10)))
    yield { ...each, index: index++ }
  while (index < cases) {
    if (waiting.length === 0) waiting = canariesOf(random, house)
    // In no order, so that few cases are of many kinds too.
    const [canary] = waiting.splice(random.below(waiting.length), 1)
    if (!canary) continue
    const carrier = random.pick(index % largeEvery === largeEvery - 1 ? large : small)
    yield caseOf(canary, { carrier, index, random, policy: house.policy })
    index++
  }
}

/** What the policy lets go is no leak. */
function canariesOf(
  random: Random,
  { directory, policy }: { readonly directory: readonly ListEntry[]; readonly policy: PrivacyPolicy },
): Canary[] {
  const known = directory.filter(({ value }) => value.length >= shortestKnown)
  const found = [...makeCanaries(random), ...(known.length > 0 ? [knownCanary(random, random.pick(known))] : [])]
  return found.filter(({ type }) => !policy.pass.includes(type))
}

const shortestKnown = 5

function caseOf(
  canary: Canary,
  at: {
    readonly carrier: Carrier
    readonly index: number
    readonly random: Random
    readonly policy: PrivacyPolicy
  },
): LeakCase {
  const { random, carrier, policy } = at
  const plain = { id: 'none', written: canary.value, isClaimed: true }
  // Half of them as they are: most leaks are plain ones.
  const tried = random.below(2) === 0 ? null : random.pick(mutations)
  const changed = tried?.apply(canary.value, random) ?? null
  const { id, written, isClaimed } =
    tried === null || changed === null
      ? plain
      : { id: tried.id, written: changed, isClaimed: tried.claims(canary) && depthOf(tried, carrier) <= mostDepth }
  const text = canary.before + written + canary.after
  const { path, body } = carrier.build(text, random)
  const isRestored = canary.type !== 'SECRET' || policy.restoreSecrets === 'always'
  // A name that no list holds is what only a recogniser of names can find.
  const isKnown = !canary.isName || canary.kind === 'directory'
  return {
    index: at.index,
    type: canary.type,
    carrier: carrier.id,
    mutation: id,
    isClaimed: isClaimed && isKnown,
    mustStay: false,
    values: canary.value === written ? [written] : [canary.value, written],
    echoes: carrier.isEchoed && isRestored ? asEchoed(text) : [],
    request: {
      method: body === null ? 'GET' : 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: body === null ? null : encoder.encode(JSON.stringify(withStream(path, body, random))),
      data: [body === null ? 'metadata' : 'text'],
    },
  }
}

/** Codes within codes are read twice. */
const mostDepth = 2

const depthOf = ({ depth = 1 }: Mutation, { isEncoding }: Carrier): number => depth + (isEncoding === true ? 1 : 0)

function closedCases(random: Random, policy: PrivacyPolicy): readonly LeakCase[] {
  const canary = makeCanaries(random).find(({ type }) => type === 'EMAIL')
  if (!canary) return []
  return closedRows(canary.value, policy).map(({ id, ...request }) => ({
    index: 0,
    type: canary.type,
    carrier: `closed.${id}`,
    mutation: 'none',
    isClaimed: true,
    mustStay: true,
    values: [canary.value],
    echoes: [],
    request: { method: 'POST', ...request },
  }))
}

const encoder = new TextEncoder()
