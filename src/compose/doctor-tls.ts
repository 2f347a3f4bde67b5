import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Config } from '#config/contract.ts'
import { messageOf } from '#kernel/errors.ts'
import type { EncryptionFacts } from '#monitor/index.ts'
import { systemClock } from '#platform/clock.ts'
import { isPair, readCertificate, uncertified } from '#platform/crypto/certificate.ts'
import { keyFile } from '#platform/tls/local-authority.ts'
import { serverFile } from '#platform/tls/local-certificate.ts'
import { namedByPeople, tlsFolder, wantedNames } from './tls.ts'

const dayMs = 86_400_000

/** Reads how this house is protected. Changes nothing. */
export async function readEncryption(config: Config): Promise<EncryptionFacts> {
  const { server } = config
  return {
    listeners: listenersOf(server),
    isBehindProxy: server.trustedProxies.length > 0,
    certificate: server.tls === null ? null : await readShown(config, server.tls),
    keys: await readKeys(config),
  }
}

/** The widest of the addresses, and the port there: what others may hold already. */
export function mainListener({ server }: Config): { readonly host: string; readonly port: number } {
  const isOpen = (host: string): boolean => !/^(127\.|::1$|localhost$)/.test(host)
  const host = server.hosts.find(isOpen) ?? server.hosts[0] ?? '127.0.0.1'
  return { host, port: server.http === 'none' && server.tls !== null ? server.tls.port : server.port }
}

function listenersOf({ hosts, port, http, tls, mutualTls }: Config['server']): EncryptionFacts['listeners'] {
  return hosts.flatMap((host) => [
    ...(http === 'none' ? [] : [{ kind: http === 'serve' ? ('http' as const) : http, host, port }]),
    ...(tls === null ? [] : [{ kind: 'https' as const, host, port: tls.port }]),
    ...(mutualTls === null ? [] : [{ kind: 'mutual' as const, host, port: mutualTls.port }]),
  ])
}

type Shown = NonNullable<EncryptionFacts['certificate']>

async function readShown(config: Config, { files }: NonNullable<Config['server']['tls']>): Promise<Shown> {
  const path = files?.certificate ?? serverFile(tlsFolder(config.home))
  if (files === null && !existsSync(path)) return { path, state: { kind: 'absent' } }
  try {
    const certificate = await readFile(path, 'utf8')
    const { validUntil } = readCertificate(certificate)
    const key = files === null ? certificate.slice(certificate.indexOf('-----BEGIN PRIVATE')) : await textOf(files.key)
    if (!isPair(certificate, key)) throw new Error('the key does not belong to it')
    const missingNames = uncertified(certificate, files === null ? wantedNames(config) : namedByPeople(config))
    const daysLeft = (validUntil - systemClock.now()) / dayMs
    return { path, state: { kind: 'good', daysLeft, isRenewedByItself: files === null, missingNames } }
  } catch (error) {
    return { path, state: { kind: 'broken', message: messageOf(error) } }
  }
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8')

async function readKeys({ home, server }: Config): Promise<EncryptionFacts['keys']> {
  const own = [keyFile(tlsFolder(home)), serverFile(tlsFolder(home))]
  const paths = server.tls?.files ? [...own, server.tls.files.key] : own
  const found = await Promise.all(paths.map(async (path) => ({ path, seen: await stat(path).catch(() => null) })))
  return found.flatMap(({ path, seen }) => (seen === null ? [] : [{ path, mode: seen.mode }]))
}
