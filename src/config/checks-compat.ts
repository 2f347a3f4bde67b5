import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

/** The listeners, with how a person calls those who come there, and where they look by themselves. */
const listeners = [
  { name: 'ollama', system: 'Ollama', usual: 11_434 },
  { name: 'presidio', system: 'Presidio', usual: 5002 },
  { name: 'helix', system: 'HelixFlow', usual: 8082 },
] as const

export function checkCompat({ compat, server }: Settings, report: Report): void {
  listeners.forEach(({ name, system, usual }, index) => {
    const port = compat[name]
    if (port === undefined) return
    const other = listeners.slice(0, index).find((before) => compat[before.name] === port)
    const own = ownPorts(server).find(([, taken]) => taken === port)
    if (own === undefined && other === undefined) return
    const whose = own === undefined ? `the port of compat.${other?.name}` : `the port of Hearth itself (${own[0]})`
    const fix = `Choose another port; clients of ${system} look at ${usual}.`
    report(['compat', name], (at) => `${at} is ${port}, ${whose}.`, fix)
  })
}

const ownPorts = ({ port, tls, mutualTls }: Settings['server']): readonly (readonly [string, number | undefined])[] => [
  ['server.port', port],
  ['server.tls.port', tls?.port],
  ['server.mutualTls.port', mutualTls?.port],
]

/** What a person should hear about at every start. */
export function compatWarnings({ compat }: Config): readonly string[] {
  const { host, trust } = compat
  const open = listeners.filter(({ name }) => compat[name] !== null)
  if (open.length === 0) {
    const ports = listeners.map(({ name }) => `compat.${name}`).join(', ')
    return trust.length === 0 ? [] : [`compat.trust does nothing without a port: ${ports}.`]
  }
  const everybody = trust.filter((range) => range.endsWith('/0')).join(', ')
  return open.flatMap(({ name, system }) => [
    ...(loopback.test(host)
      ? []
      : [`Clients of ${system} are answered on ${host}:${compat[name]}: traffic is not encrypted.`]),
    ...(everybody === '' ? [] : [`compat.trust has ${everybody}: ${withoutKey[name](compat[name])} without a key.`]),
  ])
}

const withoutKey = {
  ollama: (port: number | null) => `whoever reaches port ${port} may use every model`,
  presidio: (port: number | null) => `whoever reaches port ${port} may ask what is an identifier`,
  helix: (port: number | null) => `whoever reaches port ${port} may use every model`,
} as const

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/
