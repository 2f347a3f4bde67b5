import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'

/** `absolute`: paths in the file are relative to it. */
export function encryptionOf(
  { server: { tls, mutualTls } }: Settings,
  absolute: (path: string) => string,
): Pick<Config['server'], 'tls' | 'mutualTls'> {
  return {
    tls:
      tls === undefined
        ? null
        : {
            port: tls.port,
            files:
              tls.certificate === undefined || tls.key === undefined
                ? null
                : { certificate: absolute(tls.certificate), key: absolute(tls.key) },
          },
    mutualTls:
      mutualTls === undefined
        ? null
        : {
            port: mutualTls.port,
            clientCa: mutualTls.clientCa === undefined ? null : absolute(mutualTls.clientCa),
            isTrusted: mutualTls.trust,
          },
  }
}
