import type { Audit } from '#auth/contract.ts'
import { AppError } from '#kernel/errors.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import { readCertificate } from '#platform/crypto/certificate.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import type { LocalAuthority } from '#platform/tls/local-authority.ts'
import * as wire from '#protocol/admin/tls.ts'
import { reachable, type Opened } from './listeners.ts'
import type { TlsDesk } from './tls.ts'

export interface TlsRoutesParts {
  readonly desk: TlsDesk | null
  readonly listeners: () => readonly Opened[]
  readonly audit: Audit
  readonly clock: Clock
}

const tag = 'tls'

/** How this house proves itself: what it shows, and what other devices are given to trust it. */
export function tlsRoutes(parts: TlsRoutesParts): readonly AnyRoute[] {
  const { desk, audit, clock } = parts
  return [
    route({
      tag,
      method: 'GET',
      path: '/api/tls',
      summary: 'Which listeners are encrypted, and with which certificate',
      scope: 'monitor',
      responses: { 200: wire.tlsView },
      handle: () => viewOf(parts),
    }),
    route({
      tag,
      method: 'GET',
      path: '/api/tls/ca.crt',
      summary: 'The certificate of this house’s own authority (PEM); compare its fingerprint before you trust it',
      // It is no secret: every connection shows what it signed.
      scope: null,
      responses: { 200: { contentType: 'application/x-x509-ca-cert', description: 'PEM.' } },
      handle: () =>
        new Response(authorityOf(desk).certificate, {
          headers: {
            'content-type': 'application/x-x509-ca-cert',
            'content-disposition': 'attachment; filename="hearth-ca.crt"',
          },
        }),
    }),
    route({
      tag,
      method: 'POST',
      path: '/api/tls/renew',
      summary: 'Show another certificate now: a new one of this house, or what the files hold',
      scope: 'admin',
      responses: { 200: wire.tlsView },
      async handle({ caller, from }) {
        if (desk === null) throw noTls()
        const isNew = await desk.keeper.renew(true)
        const detail = `${isNew ? 'shows' : 'the files hold the same'} ${desk.keeper.facts.fingerprint}`
        audit.record({ at: clock.now(), who: caller.key, action: 'tls.renew', target: 'certificate', detail, from })
        return viewOf(parts)
      },
    }),
    clientCertificateRoute(parts),
  ]
}

function clientCertificateRoute({ desk, audit, clock }: TlsRoutesParts): AnyRoute {
  return route({
    tag,
    method: 'POST',
    path: '/api/tls/client-certificates',
    summary: 'Make a certificate for a client of `server.mutualTls`; its key is in this answer and nowhere else',
    scope: 'admin',
    body: wire.newClientCertificate,
    status: 201,
    responses: { 201: wire.clientCertificate },
    async handle({ body, caller, from }): Promise<wire.ClientCertificate> {
      const authority = authorityOf(desk)
      const { certificate, key } = await authority.forClient(body.name, body.days)
      const { fingerprint, validUntil } = readCertificate(certificate)
      const detail = `for ${body.days} days, ${fingerprint}`
      const target = body.name
      audit.record({ at: clock.now(), who: caller.key, action: 'tls.client-certificate', target, detail, from })
      const parts = { certificate, key, authority: authority.certificate }
      return { name: body.name, ...parts, fingerprint, validUntil: iso(validUntil) }
    },
  })
}

function viewOf({ desk, listeners }: TlsRoutesParts): wire.TlsView {
  const { authority = null } = desk ?? {}
  return {
    listeners: listeners().map(({ kind, listener }) => ({ kind, address: listener.address })),
    certificate: desk === null ? null : certificateOf(desk),
    authority:
      authority === null
        ? null
        : {
            file: authority.file,
            fingerprint: authority.facts.fingerprint,
            validUntil: iso(authority.facts.validUntil),
          },
    problems: [...(desk?.problems() ?? [])],
  }
}

function certificateOf({ keeper }: TlsDesk): wire.TlsView['certificate'] {
  const { subject, issuer, names, fingerprint, validFrom, validUntil } = keeper.facts
  const times = { validFrom: iso(validFrom), validUntil: iso(validUntil) }
  const renewsAt = keeper.renewsAt === null ? null : iso(keeper.renewsAt)
  return { from: keeper.from, subject, issuer, names: [...names], fingerprint, ...times, renewsAt }
}

/** For `/api/status` and the terminal; null: there is no HTTPS. */
export function tlsSummary(desk: TlsDesk | null, listeners: readonly Opened[]): wire.TlsSummary | null {
  const https = listeners.find(({ kind }) => kind === 'https')
  if (desk === null || https === undefined) return null
  const { fingerprint, validUntil } = desk.keeper.facts
  const authorityFile = desk.keeper.from === 'local' ? (desk.authority?.file ?? null) : null
  return { address: reachable(https.listener.address), fingerprint, validUntil: iso(validUntil), authorityFile }
}

function authorityOf(desk: TlsDesk | null): LocalAuthority {
  if (desk?.authority) return desk.authority
  const message = 'This house has no certificate authority of its own: set server.tls to { selfSigned: true }.'
  throw new AppError('not_found', message, { reason: 'no_authority' })
}

const noTls = (): AppError =>
  new AppError('not_found', 'This house has no HTTPS: set server.tls, then start it again.', { reason: 'no_tls' })

const iso = (at: EpochMs): string => new Date(at).toISOString()
