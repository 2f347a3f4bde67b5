import type { ClientCertificate, TlsView } from './types.ts'
import type { CallOptions, Wire } from './wire.ts'

export interface Tls {
  readonly show: (options?: CallOptions) => Promise<TlsView>
  /** Another certificate is shown from now on; open connections stay. */
  readonly renew: (options?: CallOptions) => Promise<TlsView>
  /** PEM of the house's own authority. */
  readonly authority: (options?: CallOptions) => Promise<string>
  readonly clientCertificate: (
    ask: { readonly name: string; readonly days?: number },
    options?: CallOptions,
  ) => Promise<ClientCertificate>
}

/** How the house proves itself, and who comes in with a certificate. */
export function createTls(wire: Wire): Tls {
  return {
    show: (options) => wire.json('GET', '/api/tls', options),
    renew: (options) => wire.json('POST', '/api/tls/renew', options),
    authority: (options) => wire.text('GET', '/api/tls/ca.crt', options),
    clientCertificate: (ask, options) => wire.json('POST', '/api/tls/client-certificates', { ...options, body: ask }),
  }
}
