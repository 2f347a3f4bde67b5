import { z } from 'zod'
import { addressRange, count, flag, leaf, text } from './leaves.ts'

const host = { what: 'an address or a host name to listen on', example: '127.0.0.1' } as const
const mostHosts = 16

/** One, a list of them, or (as the environment has it) several between commas. */
export const hosts = () =>
  leaf<readonly string[]>({
    what: `${host.what}, or a list of up to ${mostHosts} of them`,
    example: '[127.0.0.1, 192.168.1.5]',
    json: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: mostHosts }],
      examples: [host.example, ['127.0.0.1', '192.168.1.5']],
    },
    parse(value) {
      const list: readonly unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : []
      const given = list.map((one) => (typeof one === 'string' ? one.trim() : ''))
      const isGood = given.length > 0 && given.length <= mostHosts && given.every((one) => /^[^\s/]{1,253}$/.test(one))
      return isGood ? given : undefined
    },
  })

/** As people write it: `true`, `false`, `redirect`. */
const plainHttp = () =>
  leaf<'serve' | 'redirect' | 'none'>({
    what: 'true, false or redirect',
    example: 'redirect',
    json: { anyOf: [{ type: 'boolean' }, { const: 'redirect' }] },
    parse(value) {
      if (value === true || value === 'true') return 'serve'
      if (value === false || value === 'false') return 'none'
      return value === 'redirect' ? 'redirect' : undefined
    },
  })

const file = (example: string) => text({ what: 'a path', example })

const tls = z.strictObject({
  selfSigned: flag()
    .prefault(false)
    .describe(
      'Hearth makes a certificate authority of its own in HEARTH_HOME/tls and renews its certificate by itself. ' +
        'Devices that are given `ca.crt` trust this house.',
    ),
  certificate: file('/etc/letsencrypt/live/hearth.example.org/fullchain.pem')
    .optional()
    .describe('Instead of that: the certificate (PEM) with those between it and its authority, read again on change.'),
  key: file('/etc/letsencrypt/live/hearth.example.org/privkey.pem').optional().describe('Its private key (PEM).'),
  port: count({ min: 0, max: 65_535, example: 8443 })
    .prefault(8443)
    .describe('The port for HTTPS, on every address of `server.host`. 0 takes any free one.'),
})

const mutualTls = z.strictObject({
  port: count({ min: 0, max: 65_535, example: 8444 }).describe('The port, on every address of `server.host`.'),
  clientCa: file('/etc/hearth/clients-ca.crt')
    .optional()
    .describe(
      'The authority (PEM) of clients that come in. Not said: the one of this house (`hearth tls client-cert NAME`).',
    ),
  trust: flag()
    .prefault(false)
    .describe('Whoever shows such a certificate needs no key to use the models. Otherwise a key is needed as well.'),
})

/** How connections are protected: settings of `server`. */
export const encryption = {
  http: plainHttp()
    .prefault(true)
    .describe(
      'Plain HTTP beside HTTPS: `true`; `redirect`: pages are sent on to HTTPS and all else is refused; `false`: none.',
    ),
  tls: tls.optional().describe('HTTPS. See docs/guides/tls.md. A change takes a restart.'),
  mutualTls: mutualTls
    .optional()
    .describe('A listener of its own for clients that show a certificate. A change takes a restart.'),
  names: z
    .array(
      text({
        what: 'a host name or an address, without https:// and without a port',
        example: 'hearth.lan',
        pattern: /^[^\s/]+$/,
      }),
    )
    .max(40)
    .prefault([])
    .describe('Further names and addresses that people come by: the certificate is good for them too.'),
  trustedProxies: z
    .array(addressRange())
    .max(100)
    .prefault([])
    .describe(
      'Addresses of proxies that stand in front: what they say of a caller (`X-Forwarded-For`, `X-Forwarded-Proto`) is ' +
        'believed. A change takes a restart.',
    ),
}
