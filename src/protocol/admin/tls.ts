import { z } from 'zod'

const fingerprint = z.string().describe('SHA-256 of the certificate, as browsers show it.')

export const tlsView = z.object({
  listeners: z
    .array(
      z.object({
        kind: z
          .enum(['http', 'redirect', 'https', 'mutual'])
          .describe('`redirect`: only sends pages on to HTTPS. `mutual`: clients show a certificate too.'),
        address: z.string(),
      }),
    )
    .readonly(),
  certificate: z
    .object({
      from: z.enum(['files', 'local']).describe('`local`: of the authority of this house, which renews it by itself.'),
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()).readonly(),
      fingerprint,
      validFrom: z.iso.datetime(),
      validUntil: z.iso.datetime(),
      renewsAt: z.iso.datetime().nullable().describe('null: somebody else renews it.'),
    })
    .nullable()
    .describe('null: there is no HTTPS.'),
  authority: z
    .object({
      file: z.string().describe('Where its certificate lies on this machine; `/api/tls/ca.crt` gives it too.'),
      fingerprint,
      validUntil: z.iso.datetime(),
    })
    .nullable()
    .describe('The authority of this house; null: it has none.'),
  problems: z.array(z.string()).readonly(),
})

/** What `GET /api/status` tells of it. */
export const tlsSummary = z.object({
  address: z.string(),
  fingerprint,
  validUntil: z.iso.datetime(),
  authorityFile: z.string().nullable().describe('What devices have to be given to trust this house; null: nothing.'),
})

export const newClientCertificate = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$/, 'must be 1 to 64 letters, digits, spaces, dots, dashes, _ or @')
    .describe('Whose it is.'),
  days: z.int().min(1).max(825).default(365).describe('How long it is good for.'),
})

export const clientCertificate = z.object({
  name: z.string(),
  certificate: z.string().describe('PEM.'),
  key: z.string().describe('PEM; it is in this answer and nowhere else.'),
  authority: z.string().describe('PEM: what the client checks this house with.'),
  fingerprint,
  validUntil: z.iso.datetime(),
})

export type TlsView = z.infer<typeof tlsView>
export type TlsSummary = z.infer<typeof tlsSummary>
export type ClientCertificate = z.infer<typeof clientCertificate>
