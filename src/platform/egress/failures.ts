import type { SendFailure } from './contract.ts'

/**
 * What Bun's fetch threw, as one of our reasons. Its messages hold the URL (and with it keys in a query): nothing of
 * them is passed on, the code alone decides.
 */
export function failureOf(thrown: unknown): SendFailure {
  const name = textMember(thrown, 'name')
  if (name === 'AbortError') return 'aborted'
  if (name === 'TimeoutError') return 'timeout'
  const code = textMember(thrown, 'code')
  const known = byCode.get(code)
  if (known) return known
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)|CERT/.test(code))
    return 'tls'
  if (/^(Malformed|Invalid|InvalidHTTP|HTTP_|HPE_|Unrequested|Response)/i.test(code)) return 'malformed'
  return 'reset'
}

/** A sentence about a failed exchange with `name`, safe to show: no address, no key. */
export function failureSentence(name: string, reason: SendFailure): string {
  return `${name} ${sentences[reason]}`
}

const byCode = new Map<string, SendFailure>([
  ['ECONNREFUSED', 'refused'],
  ['ConnectionRefused', 'refused'],
  ['FailedToOpenSocket', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ConnectionClosed', 'reset'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['Timeout', 'timeout'],
  ['ConnectionTimeout', 'timeout'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['DNSResolveFailed', 'dns'],
  ['ABORT_ERR', 'aborted'],
])

const sentences: Readonly<Record<SendFailure, string>> = {
  refused: 'refused the connection: is it running, and are host and port right?',
  unreachable: 'takes no connections: is its machine on, and in this network?',
  reset: 'broke the connection off before its answer was complete.',
  timeout: 'did not answer in time.',
  tls: 'has a certificate that this machine does not trust, or does not speak TLS there.',
  dns: 'could not be found: its host name does not resolve.',
  malformed: 'sent an answer that is not valid HTTP.',
  aborted: 'was asked no further: the request was given up.',
}

function textMember(value: unknown, key: 'name' | 'code'): string {
  if (typeof value !== 'object' || value === null) return ''
  const member = (value as Readonly<Record<string, unknown>>)[key]
  return typeof member === 'string' ? member : ''
}
