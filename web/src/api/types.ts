import type { KeyViewWire, KeyWithSecretWire, SessionViewWire } from '../../../src/protocol/admin/auth.ts'
import type { ModelViewWire, OperationAnswerWire, PlanWire, PoolViewWire } from '../../../src/protocol/admin/fleet.ts'
import type { RouteView as RouteViewWire, TargetView as TargetViewWire } from '../../../src/protocol/admin/gateway.ts'
import type {
  RequestDetail as RequestDetailWire,
  RequestPage as RequestPageWire,
  RequestView as RequestViewWire,
} from '../../../src/protocol/admin/metering.ts'
import type { Status } from '../../../src/protocol/admin/monitor.ts'
import type {
  LibraryFile,
  PullView as PullViewWire,
  Suggestion as SuggestionWire,
} from '../../../src/protocol/admin/pulls.ts'

/** The wire as the page reads it: `/api` and `/v1` answers, times as ISO 8601 text, null = unknown (never 0). */
export type Session = Readonly<SessionViewWire>
export type Scope = Session['scopes'][number]

export type ModelView = Readonly<ModelViewWire>
export type ModelState = ModelView['state']
export type Phase = NonNullable<ModelView['phase']>
export type Capability = ModelView['capabilities'][number]
export type Plan = PlanWire
export type Planned = OperationAnswerWire

export type HouseStatus = Readonly<Status>
export type UpstreamView = HouseStatus['upstreams'][number]

/** What `upstream.state` tells: a part of the view above. */
export interface UpstreamNews {
  readonly name: string
  readonly isReachable: boolean | null
  readonly listed: readonly string[] | null
  readonly lastError: string | null
}

/** Places that requests take. */
export type PoolView = Readonly<PoolViewWire>

export type RouteView = Readonly<RouteViewWire>
export type TargetView = Readonly<TargetViewWire>

export type RequestView = Readonly<RequestViewWire>
export type RequestDetail = Readonly<RequestDetailWire>
export type RequestPage = Readonly<RequestPageWire>
export type Outcome = RequestView['outcome']

export type PullView = PullViewWire
export type FoundFile = LibraryFile
export type Suggestion = SuggestionWire
export interface Suggestions {
  readonly memoryBytes: number | null
  readonly data: readonly Suggestion[]
}

export type KeyView = Readonly<KeyViewWire>
export type KeyLimits = Readonly<KeyView['limits']>
/** The one answer that holds the secret. */
export type IssuedKey = Readonly<KeyWithSecretWire>

export interface KeyWish {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly models?: readonly string[]
  readonly expiresAt?: string
  readonly limits?: { readonly [Name in keyof KeyLimits]?: NonNullable<KeyLimits[Name]> }
}

/** An entry of `/v1/models`. */
export interface PublicModel {
  readonly id: string
  readonly owned_by: string
  readonly hearth?: {
    /** `external`: an upstream's. */
    readonly state?: ModelState | 'external' | null
    readonly label?: string | null
    readonly capabilities?: readonly Capability[] | null
    readonly context?: number | null
  }
}

/** How far a model is that somebody waits for: in comment lines of a stream and beside the error of a 503. */
export interface Waiting {
  readonly state: string | null
  readonly phase: Phase | null
  /** 0 = next. */
  readonly position: number | null
  readonly etaSeconds: number | null
}

export interface ErrorBody {
  readonly error?: {
    readonly message?: string
    readonly type?: string
    readonly code?: string | null
    readonly param?: string | null
  }
  readonly loading?: unknown
}

export interface Listed<T> {
  readonly data: readonly T[]
}
