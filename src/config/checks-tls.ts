import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

/** What has to fit together so that clients can trust what they reach. */
export function checkTls({ settings, config, fileExists }: TlsChecking, report: Report): void {
  const { server } = settings
  checkHosts(server, report)
  checkPorts(server, report)
  if (server.tls === undefined) {
    if (server.http !== 'serve')
      report(
        ['server', 'http'],
        (at) =>
          `${at} is ${server.http === 'none' ? 'false' : 'redirect'}, but there is no server.tls: nobody could come in.`,
        'Add `tls: { selfSigned: true }`, or a certificate with its key.',
      )
    if (server.mutualTls !== undefined)
      report(
        ['server', 'mutualTls'],
        (at) => `${at} needs a certificate to show, but there is no server.tls.`,
        'Add `tls: { selfSigned: true }`, or a certificate with its key.',
      )
    return
  }
  checkCertificate(server.tls, report)
  const files = config.server.tls?.files ?? null
  const named = [
    [['server', 'tls', 'certificate'], files?.certificate ?? null],
    [['server', 'tls', 'key'], files?.key ?? null],
    [['server', 'mutualTls', 'clientCa'], config.server.mutualTls?.clientCa ?? null],
  ] as const
  for (const [path, file] of named) {
    if (file !== null && !fileExists(file))
      report(
        path,
        (at) => `${at} is ${file}, but there is no such file.`,
        'Mend the path; relative ones begin at the folder of hearth.yaml.',
      )
  }
}

interface TlsChecking {
  readonly settings: Settings
  readonly config: Config
  readonly fileExists: (path: string) => boolean
}

function checkHosts({ host }: Settings['server'], report: Report): void {
  const twice = host.find((one, index) => host.indexOf(one) !== index)
  if (twice !== undefined) report(['server', 'host'], (at) => `${at} has ${twice} twice.`, 'Write every address once.')
}

/** 0 takes any free port, and is never another's. */
function checkPorts({ port, tls, mutualTls, http }: Settings['server'], report: Report): void {
  const taken = new Map<number, string>(http === 'none' ? [] : [[port, 'server.port']])
  for (const [name, used] of [
    ['tls', tls?.port],
    ['mutualTls', mutualTls?.port],
  ] as const) {
    if (used === undefined || used === 0) continue
    const other = taken.get(used)
    if (other !== undefined)
      report(['server', name, 'port'], (at) => `${at} is ${used}, as ${other} is already.`, 'Choose another port.')
    taken.set(used, `server.${name}.port`)
  }
}

function checkCertificate(tls: NonNullable<Settings['server']['tls']>, report: Report): void {
  const { selfSigned, certificate, key } = tls
  if (certificate === undefined && key === undefined) {
    if (!selfSigned)
      report(
        ['server', 'tls'],
        (at) => `${at} says nothing about the certificate.`,
        'Add `selfSigned: true`, or `certificate` and `key`.',
      )
    return
  }
  if (selfSigned)
    report(
      ['server', 'tls', 'selfSigned'],
      (at) => `${at} is true, but a certificate is given as well.`,
      'Take one of the two out.',
    )
  const [has, lacks] = certificate === undefined ? ['key', 'certificate'] : ['certificate', 'key']
  if (certificate === undefined || key === undefined)
    report(['server', 'tls', has], (at) => `${at} stands without \`${lacks}\`.`, `Add \`${lacks}\`.`)
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

/** What a person should hear about at every start. */
export function tlsWarnings({ server }: Config): readonly string[] {
  const open = server.hosts.filter((host) => !loopback.test(host))
  const warnings: string[] = []
  const isBehindProxy = server.trustedProxies.length > 0
  if (open.length > 0 && server.http === 'serve' && !isBehindProxy) {
    const where = open.map((host) => `${host}:${server.port}`).join(', ')
    warnings.push(
      server.tls === null
        ? `Hearth listens on ${open.join(', ')}: whoever reaches this machine reaches it. Keys are needed; traffic is ` +
            'not encrypted. Set server.tls, or name the proxy that encrypts in server.trustedProxies.'
        : `Plain HTTP is answered on ${where} beside HTTPS: a key that is sent there is not encrypted. Set server.http ` +
            'to redirect or false.',
    )
  }
  const everybody = server.trustedProxies.filter((range) => range.endsWith('/0')).join(', ')
  if (everybody !== '')
    warnings.push(`server.trustedProxies has ${everybody}: every caller may claim to be at any address.`)
  if (server.mutualTls?.isTrusted && server.mutualTls.clientCa !== null)
    warnings.push(
      `server.mutualTls.trust is true: whoever has a certificate of ${server.mutualTls.clientCa} may use every model.`,
    )
  return warnings
}
