import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

export function checkCompat({ compat, server }: Settings, report: Report): void {
  if (compat.ollama === undefined || compat.ollama !== server.port) return
  report(
    ['compat', 'ollama'],
    (name) => `${name} is ${compat.ollama}, the port of Hearth itself (server.port).`,
    'Choose another port; clients of Ollama look at 11434.',
  )
}

/** What a person should hear about at every start. */
export function compatWarnings({ compat }: Config): readonly string[] {
  const { ollama, host, trust } = compat
  if (ollama === null) return trust.length === 0 ? [] : ['compat.trust does nothing without compat.ollama, the port.']
  const everybody = trust.filter((range) => range.endsWith('/0')).join(', ')
  return [
    ...(loopback.test(host) ? [] : [`Clients of Ollama are answered on ${host}:${ollama}: traffic is not encrypted.`]),
    ...(everybody === ''
      ? []
      : [`compat.trust has ${everybody}: whoever reaches port ${ollama} may use every model without a key.`]),
  ]
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/
