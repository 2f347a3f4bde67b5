import type { List } from './types.ts'
import type {
  DepartureFilter,
  DeparturePage,
  DetectAnswer,
  DetectAsk,
  HouseLists,
  LeakReport,
  NewLists,
  PolicyRules,
  PolicyView,
  PrivacyStatus,
  RehydrateAnswer,
  RehydrateAsk,
  ScopeView,
  ScrubAnswer,
  ScrubAsk,
} from './privacy-types.ts'
import { pathOf } from './wire.ts'
import type { CallOptions, Wire } from './wire.ts'

/** What leaves the house, and how: identifiers are replaced, which is not anonymisation. */
export interface Privacy {
  /** Replaces identifiers in a text, in messages or in any JSON; 422 `identifiers_found` with `mode: 'block'`. */
  scrub(ask: ScrubAsk, options?: CallOptions): Promise<ScrubAnswer>
  /** Puts values back; 404 for a map that is not this key's. */
  rehydrate(ask: RehydrateAsk, options?: CallOptions): Promise<RehydrateAnswer>
  /** What would be replaced, where and why; nothing is kept. */
  detect(ask: DetectAsk, options?: CallOptions): Promise<DetectAnswer>
  policies(options?: CallOptions): Promise<List<PolicyView>>
  /** Makes or changes one; what is not said has its safe value. */
  setPolicy(name: string, rules: PolicyRules, options?: CallOptions): Promise<PolicyView>
  lists(options?: CallOptions): Promise<HouseLists>
  /** Lists that are not given stay. */
  setLists(lists: NewLists, options?: CallOptions): Promise<HouseLists>
  scopes(filter?: { readonly limit?: number }, options?: CallOptions): Promise<List<ScopeView>>
  /** Destroys a scope's key: nobody can put its values back. */
  shred(scope: string, options?: CallOptions): Promise<void>
  /** What left for clouds, or was refused: counts and types, never values. */
  departures(filter?: DepartureFilter, options?: CallOptions): Promise<DeparturePage>
  status(options?: CallOptions): Promise<PrivacyStatus>
  /** Sends seeded canaries through the guard to a cloud of the house's own. Has no deadline unless one is given. */
  leakTest(ask?: { readonly cases?: number; readonly seed?: number }, options?: CallOptions): Promise<LeakReport>
}

/** The most that a leak test takes: half an hour. */
const leakTestMs = 30 * 60_000

export function createPrivacy(wire: Wire): Privacy {
  const base = '/v1/privacy'
  return {
    scrub: (ask, options) => wire.json('POST', `${base}/scrub`, { ...options, body: ask }),
    rehydrate: (ask, options) => wire.json('POST', `${base}/rehydrate`, { ...options, body: ask }),
    detect: (ask, options) => wire.json('POST', `${base}/detect`, { ...options, body: ask }),
    policies: (options) => wire.json('GET', `${base}/policies`, options),
    setPolicy: (name, rules, options) =>
      wire.json('PUT', pathOf`/v1/privacy/policies/${name}`, { ...options, body: rules }),
    lists: (options) => wire.json('GET', `${base}/lists`, options),
    setLists: (lists, options) => wire.json('PUT', `${base}/lists`, { ...options, body: lists }),
    scopes: (filter, options) => wire.json('GET', `${base}/scopes`, { ...options, query: { ...filter } }),
    shred: async (scope, options) => {
      await wire.text('DELETE', pathOf`/v1/privacy/scopes/${scope}`, options)
    },
    departures: (filter, options) => wire.json('GET', `${base}/departures`, { ...options, query: { ...filter } }),
    status: (options) => wire.json('GET', `${base}/status`, options),
    leakTest: (ask = {}, options) =>
      wire.json('POST', `${base}/leak-test`, { timeoutMs: leakTestMs, ...options, body: ask }),
  }
}
