import type {
  CallableModel,
  ConfigView,
  EngineView,
  LibraryFile,
  List,
  ModelView,
  NewModel,
  OperationAnswer,
  Outcome,
  PoolView,
  PullView,
  RouteView,
  SessionView,
  Suggestions,
  Ticket,
} from './types.ts'
import type { RequestDetail, RequestPage, UsageGrouping, UsageRow } from './request-types.ts'
import type { AllowanceKind, AllowanceView, NewAllowance } from './metering-types.ts'
import { createAuditLog, listAudit } from './audit.ts'
import type { AuditLog, ListAudit } from './audit.ts'
import { createCatalogue } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import { createAccount, createTeams, createUsers } from './people.ts'
import type { Account, Teams, Users } from './people.ts'
import type { KeyView, KeyWithSecret, NewKey } from './key-types.ts'
import { createPrivacy } from './privacy.ts'
import type { Privacy } from './privacy.ts'
import { createTls } from './tls.ts'
import type { Tls } from './tls.ts'
import { pathOf } from './wire.ts'
import type { CallOptions, Wire } from './wire.ts'

export interface OperationOptions extends CallOptions {
  /** Only plan. */
  readonly isDryRun?: boolean
  /** Apply only if the plan still has this hash: a confirmation holds for what was shown. */
  readonly hash?: string
}

export interface Control {
  readonly models: ReturnType<typeof models>
  readonly keys: ReturnType<typeof keys>
  readonly pulls: ReturnType<typeof pulls>
  readonly engines: ReturnType<typeof engines>
  readonly config: ReturnType<typeof config>
  readonly sessions: ReturnType<typeof sessions>
  readonly privacy: Privacy
  readonly users: Users
  readonly teams: Teams
  readonly account: Account
  readonly catalogue: Catalogue
  readonly tls: Tls
  /** Every name that can be called, with who answers for it and how they are. */
  readonly routes: (options?: CallOptions) => Promise<List<RouteView>>
  /** Places that requests take, and the lines before them. */
  readonly pools: (options?: CallOptions) => Promise<List<PoolView>>
  readonly library: (options?: CallOptions) => Promise<List<LibraryFile>>
  readonly suggestions: (options?: CallOptions) => Promise<Suggestions>
  readonly requests: (filter?: RequestFilter, options?: CallOptions) => Promise<RequestPage>
  /** One request: its trace, and its bodies where they were kept and this key may read them. */
  readonly request: (id: string, options?: CallOptions) => Promise<RequestDetail>
  readonly usage: (by: UsageGrouping, options?: UsageOptions) => Promise<List<UsageRow>>
  /** The same as a table for spreadsheets. */
  readonly usageCsv: (by: UsageGrouping, options?: UsageOptions) => Promise<string>
  readonly allowances: ReturnType<typeof allowances>
  readonly audit: ListAudit
  readonly auditLog: AuditLog
  readonly tickets: { create(options?: CallOptions): Promise<Ticket> }
  readonly admin: { reset(options?: CallOptions): Promise<{ readonly key: string }> }
}

/** All that are given must hold. Times are ISO 8601 texts; a day alone begins at midnight UTC. */
export interface RequestFilter {
  /** Whom the key belonged to. */
  readonly user?: string
  readonly team?: string
  /** What the caller wrote on it. */
  readonly tag?: string
  readonly limit?: number
  /** Public id of a key. */
  readonly key?: string
  /** The name the caller wrote. */
  readonly model?: string
  /** Who answered: an upstream's name, or `local`. */
  readonly upstream?: string
  readonly outcome?: Outcome
  /** `429`, or `5xx` for a class. */
  readonly status?: string
  /** For example `chat/completions`. */
  readonly endpoint?: string
  /** Part of a model's name or of the reason. */
  readonly text?: string
  /** From this time on. */
  readonly since?: string
  /** Before this time. */
  readonly until?: string
  /** `next` of the page before. */
  readonly cursor?: string
}

export interface UsageOptions extends CallOptions {
  /** Only of this key, by its public id. */
  readonly key?: string
  readonly user?: string
  readonly team?: string
  readonly model?: string
  readonly upstream?: string
  readonly tag?: string
  /** Whole days (UTC), beginning with that of this time. */
  readonly since?: string
  /** Whole days (UTC) that begin before this time. */
  readonly until?: string
}

/** Every control route of the house, one method each. */
export function createControl(wire: Wire): Control {
  return {
    models: models(wire),
    keys: keys(wire),
    pulls: pulls(wire),
    engines: engines(wire),
    config: config(wire),
    sessions: sessions(wire),
    privacy: createPrivacy(wire),
    users: createUsers(wire),
    teams: createTeams(wire),
    account: createAccount(wire),
    catalogue: createCatalogue(wire),
    tls: createTls(wire),
    routes: (options) => wire.json('GET', '/api/routes', options),
    pools: (options) => wire.json('GET', '/api/pools', options),
    library: (options) => wire.json('GET', '/api/library', options),
    suggestions: (options) => wire.json('GET', '/api/suggestions', options),
    requests: (filter, options) => wire.json('GET', '/api/requests', { ...options, query: { ...filter } }),
    request: (id, options) => wire.json('GET', pathOf`/api/requests/${id}`, options),
    usage: (by, options) => wire.json('GET', '/api/usage', usageCall(by, options)),
    usageCsv: (by, options) => wire.text('GET', '/api/usage.csv', usageCall(by, options)),
    allowances: allowances(wire),
    audit: listAudit(wire),
    auditLog: createAuditLog(wire),
    tickets: { create: (options) => wire.json('POST', '/api/tickets', options) },
    admin: { reset: (options) => wire.json('POST', '/api/admin/reset', options) },
  }
}

function models(wire: Wire) {
  const operate = (id: string, verb: 'load' | 'unload', options: OperationOptions = {}): Promise<OperationAnswer> => {
    const { isDryRun, hash, ...call } = options
    const query = { dryRun: isDryRun ? 1 : undefined, hash }
    return wire.json('POST', `${pathOf`/api/models/${id}`}/${verb}`, { ...call, query })
  }
  return {
    list: (options?: CallOptions) => wire.json<List<ModelView>>('GET', '/api/models', options),
    get: (id: string, options?: CallOptions) => wire.json<ModelView>('GET', pathOf`/api/models/${id}`, options),
    /** Models that this key may call, local and upstream. */
    callable: (options?: CallOptions) => wire.json<List<CallableModel>>('GET', '/v1/models', options),
    load: (id: string, options?: OperationOptions) => operate(id, 'load', options),
    unload: (id: string, options?: OperationOptions) => operate(id, 'unload', options),
    /** What `load` or `unload` would do; changes nothing. */
    plan: (id: string, verb: 'load' | 'unload', options?: CallOptions) =>
      operate(id, verb, { ...options, isDryRun: true }),
    log: (id: string, options?: CallOptions & { readonly tail?: number }) =>
      wire.text('GET', pathOf`/api/models/${id}/log`, { ...options, query: { tail: options?.tail } }),
    add: (model: NewModel, options?: CallOptions) =>
      wire.json<ModelView>('POST', '/api/models', { ...options, body: model }),
    remove: async (id: string, options?: CallOptions): Promise<void> => {
      await wire.text('DELETE', pathOf`/api/models/${id}`, options)
    },
  }
}

function usageCall(by: UsageGrouping, options: UsageOptions = {}) {
  const { key, user, team, model, upstream, tag, since, until, ...others } = options
  return { ...others, query: { by, key, user, team, model, upstream, tag, since, until } }
}

function allowances(wire: Wire) {
  return {
    list: (options?: CallOptions) => wire.json<List<AllowanceView>>('GET', '/api/allowances', options),
    /** In effect at once. */
    set: (kind: AllowanceKind, id: string, allowance: NewAllowance, options?: CallOptions) =>
      wire.json<AllowanceView>('PUT', pathOf`/api/allowances/${kind}/${id}`, { ...options, body: allowance }),
    remove: (kind: AllowanceKind, id: string, options?: CallOptions) =>
      wire.json<AllowanceView>('DELETE', pathOf`/api/allowances/${kind}/${id}`, options),
  }
}

function keys(wire: Wire) {
  return {
    list: (options?: CallOptions) => wire.json<List<KeyView>>('GET', '/api/keys', options),
    create: (key: NewKey, options?: CallOptions) =>
      wire.json<KeyWithSecret>('POST', '/api/keys', { ...options, body: key }),
    rotate: (id: string, ask: { readonly graceSeconds?: number } = {}, options?: CallOptions) =>
      wire.json<KeyWithSecret>('POST', pathOf`/api/keys/${id}/rotate`, { ...options, body: ask }),
    revoke: (id: string, options?: CallOptions) => wire.json<KeyView>('DELETE', pathOf`/api/keys/${id}`, options),
  }
}

function pulls(wire: Wire) {
  return {
    list: (options?: CallOptions) => wire.json<List<PullView>>('GET', '/api/pulls', options),
    create: (pull: { readonly ref: string; readonly id?: string }, options?: CallOptions) =>
      wire.json<PullView>('POST', '/api/pulls', { ...options, body: pull }),
    cancel: (id: string, options?: CallOptions) => wire.json<PullView>('DELETE', pathOf`/api/pulls/${id}`, options),
  }
}

function engines(wire: Wire) {
  return {
    list: (options?: CallOptions) => wire.json<List<EngineView>>('GET', '/api/engines', options),
    /** Starts it; `engine.install` events tell how it goes. */
    install: (name: string, options?: CallOptions) =>
      wire.json<EngineView>('POST', pathOf`/api/engines/${name}/install`, options),
  }
}

function config(wire: Wire) {
  return {
    get: (options?: CallOptions) => wire.json<ConfigView>('GET', '/api/config', options),
    /** Changes the run-time overlay; environment and file stay above it. */
    set: async (path: string, value: unknown, options?: CallOptions): Promise<void> => {
      await wire.text('PUT', pathOf`/api/config/${path}`, { ...options, body: { value } })
    },
    unset: async (path: string, options?: CallOptions): Promise<void> => {
      await wire.text('DELETE', pathOf`/api/config/${path}`, options)
    },
  }
}

function sessions(wire: Wire) {
  return {
    create: (by: { readonly ticket: string } | { readonly key: string }, options?: CallOptions) =>
      wire.json<SessionView>('POST', '/api/sessions', { ...options, body: by }),
    current: (options?: CallOptions) => wire.json<SessionView>('GET', '/api/session', options),
    end: async (options?: CallOptions): Promise<void> => {
      await wire.text('DELETE', '/api/session', options)
    },
  }
}
