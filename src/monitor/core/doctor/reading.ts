import type { AddressFacts, NvidiaGpu } from './facts.ts'

/** A listening TCP socket of `/proc/net/tcp` or `tcp6` (proc_pid_net(5)). */
export interface ListeningSocket {
  /** `127.0.0.1`, `0.0.0.0`, or 32 hex digits of an IPv6 address. */
  readonly address: string
  readonly port: number
  readonly inode: number
}

const listening = '0A'

/** The listening sockets of one table; lines that are none are passed over. */
export function parseListening(table: string): readonly ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const [hex = '', portHex = ''] = (fields[1] ?? '').split(':')
    if (fields[3] !== listening || portHex === '') return []
    const address = hex.length === 8 ? ipv4Of(hex) : hex
    return [{ address, port: Number.parseInt(portHex, 16), inode: Number(fields[9] ?? 0) }]
  })
}

/** The kernel writes an IPv4 address as one number of the machine's byte order: `0100007F` is 127.0.0.1. */
const ipv4Of = (hex: string): string => [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')

/**
 * The socket that stands in the way of listening on this host and port: the same address, or one of the two takes
 * all.
 */
export function socketInTheWay(
  sockets: readonly ListeningSocket[],
  wanted: { readonly host: string; readonly port: number },
): ListeningSocket | null {
  const isAll = (address: string): boolean => address === '0.0.0.0' || /^0{32}$/.test(address)
  const host = wanted.host === 'localhost' ? '127.0.0.1' : wanted.host
  const takesAll = host === '0.0.0.0' || host === '::'
  const isSame = (address: string): boolean =>
    address === host || (host === '::1' && address === '00000000000000000000000001000000')
  return (
    sockets.find(({ address, port }) => port === wanted.port && (takesAll || isAll(address) || isSame(address))) ?? null
  )
}

/** `Name=value` lines of systemd's files, the later file winning; comments and other sections are passed over. */
export function parseSystemdSettings(texts: readonly string[], section: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const text of texts) {
    let isWanted = false
    for (const line of text.split('\n').map((raw) => raw.trim())) {
      if (line.startsWith('[')) isWanted = line === `[${section}]`
      const at = line.indexOf('=')
      if (!isWanted || at <= 0 || line.startsWith('#') || line.startsWith(';')) continue
      settings[line.slice(0, at).trim()] = line.slice(at + 1).trim()
    }
  }
  return settings
}

/** `NVIDIA GeForce RTX 4090, 550.90, 24564`; machines with shared memory say `[N/A]`, and that is not 0. */
export function parseNvidia(text: string): readonly NvidiaGpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.length >= 3)
    .map(([name = '', driver = '', mebibytes = '']) => ({
      name,
      driver,
      totalBytes: /^\d+$/.test(mebibytes) ? Number(mebibytes) * 2 ** 20 : null,
    }))
}

/**
 * RFC 1918, 6598 (carrier and overlay networks such as Tailscale) and 4193 are private; 3927 and fe80 are link-local.
 */
export function scopeOf(address: string): AddressFacts['scope'] {
  if (/^(127\.|::1$)/.test(address)) return 'loopback'
  if (/^(169\.254\.|fe[89ab])/.test(address)) return 'link'
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/.test(address))
    return 'private'
  return 'public'
}
