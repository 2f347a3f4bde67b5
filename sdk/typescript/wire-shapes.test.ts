import { expect, test } from 'bun:test'
import type { z } from 'zod'
import type { AuthEvent } from '../../src/auth/events.ts'
import type * as money from './metering-types.ts'
import type { MeteringEvent } from '../../src/metering/events.ts'
import type { FleetEvent } from '../../src/fleet/events.ts'
import type { GatewayEvent } from '../../src/gateway/events.ts'
import type * as audit from '../../src/protocol/admin/audit.ts'
import type * as auth from '../../src/protocol/admin/auth.ts'
import type * as catalogue from '../../src/protocol/admin/catalogue.ts'
import type * as config from '../../src/protocol/admin/config.ts'
import type * as fleet from '../../src/protocol/admin/fleet.ts'
import type * as gateway from '../../src/protocol/admin/gateway.ts'
import type * as metering from '../../src/protocol/admin/metering.ts'
import type * as monitor from '../../src/protocol/admin/monitor.ts'
import type * as privacy from '../../src/protocol/admin/privacy.ts'
import type * as tls from '../../src/protocol/admin/tls.ts'
import type * as pulls from '../../src/protocol/admin/pulls.ts'
import type { CallOptions, RequestFilter, UsageOptions } from './index.ts'
import type * as trail from './audit-types.ts'
import type * as world from './catalogue-types.ts'
import type * as keys from './key-types.ts'
import type * as house from './privacy-types.ts'
import type * as requests from './request-types.ts'
import type * as sdk from './types.ts'

/** The house's shape as it arrives: everything readonly, at every depth. */
type Deep<T> = T extends readonly (infer Item)[]
  ? readonly Deep<Item>[]
  : T extends object
    ? { readonly [Member in keyof T]: Deep<T[Member]> }
    : T
/** Same members, and each side takes the other's values. */
type Same<House, Client> = [keyof House, keyof Client, Deep<House>, Client] extends [
  keyof Client,
  keyof House,
  Client,
  Deep<House>,
]
  ? true
  : false

type DataOf<Event, Type> = Extract<Event, { readonly type: Type }> extends { readonly data: infer Data } ? Data : never
type SameEvent<Event extends { readonly type: string }, Type extends Event['type'] & sdk.EventType> = Same<
  DataOf<Event, Type>,
  sdk.EventData[Type]
>

/** Of a query: every member, given. */
type Given<Query> = { readonly [Member in keyof Query]-?: NonNullable<Query[Member]> }
type UsageRange = Omit<UsageOptions, keyof CallOptions>
/** Ids are plain texts for a client. */
type Breaker = DataOf<GatewayEvent, 'route.state'>['target']

/** A line stops compiling when the house and its client drift apart; `npm run check` tells. */
const shapes: readonly true[] = [
  true satisfies Same<z.infer<typeof monitor.status>, sdk.Status>,
  true satisfies Same<tls.TlsView, sdk.TlsView>,
  true satisfies Same<tls.ClientCertificate, sdk.ClientCertificate>,
  true satisfies Same<z.infer<typeof config.configView>, sdk.ConfigView>,
  true satisfies Same<z.infer<typeof fleet.modelView>, sdk.ModelView>,
  true satisfies Same<z.infer<typeof fleet.engineView>, sdk.EngineView>,
  true satisfies Same<z.infer<typeof fleet.poolView>, sdk.PoolView>,
  true satisfies Same<Omit<z.infer<typeof fleet.planView>, 'steps'>, Omit<sdk.PlanView, 'steps'>>,
  true satisfies Same<z.infer<typeof auth.keyView>, keys.KeyView>,
  true satisfies Same<z.infer<typeof auth.keyWithSecret>, keys.KeyWithSecret>,
  true satisfies Same<z.infer<typeof auth.sessionView>, sdk.SessionView>,
  true satisfies Same<z.infer<typeof auth.ticketView>, sdk.Ticket>,
  true satisfies Same<z.infer<typeof audit.auditPage>, trail.AuditPage>,
  true satisfies Same<z.infer<typeof audit.auditVerdict>, trail.AuditVerdict>,
  true satisfies Same<Given<z.infer<typeof audit.auditFilter>>, Given<trail.AuditFilter>>,
  true satisfies Same<z.infer<typeof metering.requestPage>, requests.RequestPage>,
  true satisfies Same<z.infer<typeof metering.requestDetail>, requests.RequestDetail>,
  true satisfies Same<z.infer<typeof metering.usageRow>, requests.UsageRow>,
  true satisfies Same<metering.AllowanceView, money.AllowanceView>,
  true satisfies Same<Given<z.infer<typeof metering.requestQuery>>, Given<RequestFilter>>,
  true satisfies Same<Given<Omit<z.infer<typeof metering.usageQuery>, 'by'>>, Given<UsageRange>>,
  true satisfies Same<z.infer<typeof gateway.routeView>, sdk.RouteView>,
  true satisfies Same<z.infer<typeof pulls.pullView>, sdk.PullView>,
  true satisfies Same<z.infer<typeof pulls.libraryFile>, sdk.LibraryFile>,
  true satisfies Same<z.infer<typeof pulls.suggestionList>, sdk.Suggestions>,
  true satisfies Same<catalogue.CataloguePage, world.CataloguePage>,
  true satisfies Same<catalogue.CatalogueProviderView, world.CatalogueProvider>,
  true satisfies Same<catalogue.CataloguePlan, world.CataloguePlan>,
  true satisfies Same<Given<z.infer<typeof catalogue.catalogueQuery>>, Given<world.CatalogueFilter>>,
  true satisfies Same<privacy.PrivacyScrubAsk, house.ScrubAsk>,
  true satisfies Same<privacy.PrivacyScrubAnswer, house.ScrubAnswer>,
  true satisfies Same<privacy.PrivacyRehydrateAsk, house.RehydrateAsk>,
  true satisfies Same<privacy.PrivacyRehydrateAnswer, house.RehydrateAnswer>,
  true satisfies Same<privacy.PrivacyDetectAsk, house.DetectAsk>,
  true satisfies Same<privacy.PrivacyDetectAnswer, house.DetectAnswer>,
  true satisfies Same<privacy.PolicyRules, house.PolicyRules>,
  true satisfies Same<privacy.PolicyView, house.PolicyView>,
  true satisfies Same<privacy.ListsAsk, house.NewLists>,
  true satisfies Same<privacy.ListsView, house.HouseLists>,
  true satisfies Same<privacy.ScopeView, house.ScopeView>,
  true satisfies Same<privacy.DeparturePage, house.DeparturePage>,
  true satisfies Same<Given<z.infer<typeof privacy.departureQuery>>, Given<house.DepartureFilter>>,
  true satisfies Same<privacy.PrivacyStatus, house.PrivacyStatus>,
  true satisfies Same<privacy.LeakReport, house.LeakReport>,
  true satisfies SameEvent<MeteringEvent, 'quota.low'>,
  true satisfies SameEvent<MeteringEvent, 'quota.exhausted'>,
  true satisfies SameEvent<AuthEvent, 'key.created'>,
  true satisfies SameEvent<AuthEvent, 'key.rotated'>,
  true satisfies SameEvent<AuthEvent, 'key.revoked'>,
  true satisfies SameEvent<FleetEvent, 'model.state'>,
  true satisfies SameEvent<FleetEvent, 'model.removed'>,
  true satisfies SameEvent<FleetEvent, 'model.log'>,
  true satisfies SameEvent<FleetEvent, 'engine.install'>,
  true satisfies SameEvent<GatewayEvent, 'upstream.state'>,
  true satisfies Same<Omit<Breaker, 'deployment'>, Omit<sdk.TargetState, 'deployment'>>,
]

test('the client’s shapes are the house’s', () => {
  expect(shapes.every(Boolean)).toBe(true)
})
