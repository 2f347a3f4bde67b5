import type { z } from 'zod'
import type { Caller, Scope } from '#kernel/words.ts'
import type { Upgrade } from './socket.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a handler gets: everything is parsed, the caller is known and may do this. */
export interface Call<Params, Query, Body> {
  readonly request: Request
  readonly caller: Caller
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** The peer's address, or `local` for the socket in HEARTH_HOME. */
  readonly from: string
  /** It came over TLS, here or at a proxy that is trusted. */
  readonly isSecure: boolean
  /**
   * No idle cut for this connection: for streams and long waits. The router takes it back with a plain answer; whoever
   * answers with a stream calls what this returns at its end.
   */
  keepOpen(): () => void
}

/**
 * An endpoint as data. The same record carries path, scope, shapes and summary, and feeds the router, the OpenAPI
 * document and the architecture test. A handler returns a plain value (sent as JSON with `status`, default 200) or a
 * Response.
 */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: Method
  /** With `{name}` for parameters; `{name+}` takes the rest of the path, slashes included. */
  readonly path: `/${string}`
  readonly summary: string
  readonly tag: string
  /** null: open to everyone, no key. `known`: whoever is somebody; the handler judges what they may. */
  readonly scope: Scope | 'known' | null
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Largest body in bytes; default `limits.controlBody` (1 MiB). */
  readonly maxBodyBytes?: number
  readonly responses: Readonly<
    Record<number, z.ZodType | { readonly contentType: string; readonly description: string }>
  >
  readonly status?: number
  handle(call: Call<z.infer<Params>, z.infer<Query>, z.infer<Body>>): unknown
}

/**
 * An endpoint that takes the request as it came and answers for itself (the data plane): it identifies, limits and
 * parses in its own order. It stands in the OpenAPI document by its `describe` part.
 */
export interface RawRoute {
  readonly method: Method
  readonly path: `/${string}`
  readonly summary: string
  readonly tag: string
  readonly scope: Scope | null
  readonly raw: true
  /** JSON Schemas of body and answers for the OpenAPI document. */
  readonly describe?: { readonly body?: z.ZodType; readonly responses?: Readonly<Record<number, z.ZodType>> }
  handle(request: Request, at: Connection, params: Readonly<Record<string, string>>): Promise<Response> | Response
}

/** What the listener knows about the connection of a request. */
export interface Connection {
  readonly from: string
  /** Set when the request came through the socket in HEARTH_HOME: whoever can open it owns this Hearth. */
  readonly isLocalSocket: boolean
  /** Set by a listener that admits its peer without a key; see `compat.trust`. */
  readonly isTrusted?: boolean
  /** It came over TLS, here or at a proxy that is trusted. */
  readonly isSecure?: boolean
  /** Its peer showed a certificate: it checked whom it reached, so that no page's own name can have led it here. */
  readonly hasCertificate?: boolean
  /**
   * Seconds of silence after which the listener may cut this connection; 0 = never. Take a 0 back when the answer
   * ended.
   */
  setIdleTimeout(seconds: number): void
  /**
   * Makes a WebSocket of a request that asks for one; false: it does not, or its client has gone. What the handler
   * answers afterwards is dropped. Missing where there is no listener.
   */
  readonly upgrade?: (upgrade: Upgrade) => boolean
}

/** For lists of routes with different shapes; each one was checked by `route` where it was made. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyRoute = Route<any, any, any> | RawRoute

/** Keeps the types of a route's schemas for its handler. */
export function route<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Route<Params, Query, Body>,
): AnyRoute {
  return definition
}
