import type { Found, Place, Recogniser, View } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { isWordCode } from './edges.ts'
import { innerSuffixes, isAnyName, isInternalHost } from './host-names.ts'

/** A URL longer than this is cut: a signed one has some hundred characters. */
const longestUrl = 2048

const hostWords = contextWords(
  [
    'host',
    'hostname',
    'hosts',
    'server',
    'servers',
    'machine',
    'ssh',
    'ping',
    'dns',
    'domain',
    'connect*',
    'curl',
    'wget',
  ],
  [
    'node',
    'nas',
    'router',
    'printer',
    'rechner',
    'maschine',
    'drucker',
    'serveur',
    'machine',
    'imprimante',
    'servidor',
  ],
  ['maquina', 'macchina', 'computer', 'fqdn', 'nslookup', 'dig', 'telnet', 'mdns', 'bonjour', 'vpn', 'url'],
)

/** `internal`: what belongs to this house or has a secret in it; `all`: every address. */
export function urlRecognisers(which: 'internal' | 'all'): readonly Recogniser[] {
  return [
    {
      id: 'url',
      type: 'URL',
      trigger: { kind: 'literal', literals: ['://'] },
      match: (place) => matchUrl(place, which),
    },
    {
      id: 'host',
      type: 'HOST',
      trigger: { kind: 'literal', literals: innerSuffixes.map((suffix) => `.${suffix}`) },
      match: matchHost,
    },
  ]
}

function matchUrl({ view, start: at, end: behind }: Place, which: 'internal' | 'all'): Found | null {
  const { text } = view
  const scheme = /[A-Za-z][A-Za-z0-9+.-]{1,30}$/.exec(text.slice(Math.max(0, at - 32), at))?.[0]
  if (scheme === undefined) return null
  const start = at - scheme.length
  if (start > 0 && isWordCode(text.charCodeAt(start - 1))) return null
  // Who logs in, the host and the port, before the rest is read.
  const authority = /^[^\s/?#"'<>`\\{}|^]{1,300}/.exec(text.slice(behind, behind + 300))?.[0]
  if (authority === undefined) return null
  const [, login = '', host = ''] = /^(?:(.*)@)?(\[[0-9a-f:.]+\]|[^:@[\]]*)/i.exec(authority) ?? []
  if (host === '' || isAnyName(host.toLowerCase())) return null
  const after = text.charAt(behind + authority.length)
  const isOurs = which === 'all' || login !== '' || isOwn(scheme, host, after)
  if (!isOurs && !/[?#]/.test(text.slice(behind, behind + 300))) return null
  const end = behind + urlLength(text.slice(behind, behind + longestUrl))
  if (!isOurs && !isSigned(text.slice(behind, end))) return null
  const canonical = `${scheme.toLowerCase()}://${authority.toLowerCase()}${text.slice(behind + authority.length, end)}`
  return {
    start,
    end,
    score: which === 'all' ? 0.9 : 0.85,
    isValidated: false,
    canonical: canonical.slice(0, end - start),
  }
}

/** Schemes whose host is one of a network: `s3://bucket` and `app://settings` name something else. */
const networked = new Set(
  (
    'http https ws wss ftp ftps sftp ssh smb cifs nfs afp rtsp rtsps rtmp ldap ldaps tcp udp mqtt mqtts redis rediss ' +
    'amqp amqps mongodb mysql postgres postgresql nats grpc grpcs vnc rdp telnet ipp ipps ntp git rsync dav webdav socks5'
  ).split(' '),
)

function isOwn(scheme: string, host: string, after: string): boolean {
  // `https://api.{region}.…` and a name that is broken by an escape are no hosts.
  if (!networked.has(scheme.toLowerCase()) || /[{\\|^]/.test(after)) return false
  return isInternalHost(host.toLowerCase().replace(/[).,;!*]+$/, ''))
}

/** Without the marks of the sentence around it, and without a bracket that was opened before it. */
function urlLength(rest: string): number {
  let text = /^[^\s"'<>`\\{}|^]*/.exec(rest)?.[0] ?? ''
  text = text.replace(/[.,;:!?*_~]+$/, '')
  for (const [open, close] of ['()', '[]']) {
    if (open === undefined || close === undefined) continue
    while (text.endsWith(close) && text.split(close).length > text.split(open).length) {
      text = text.slice(0, -1).replace(/[.,;:!?]+$/, '')
    }
  }
  return text.length
}

/** A parameter with a signature, a token or a key of at least 16 characters. */
function isSigned(rest: string): boolean {
  return rest.split(/[?&#;]/).some((parameter, index) => {
    const equals = parameter.indexOf('=')
    if (index === 0 || equals < 1 || parameter.length - equals <= 16) return false
    return secretNames.test(parameter.slice(0, equals)) && /^[\w%+/.~-]{16}/.test(parameter.slice(equals + 1))
  })
}

const secretNames =
  /(^|[._-])(sig|auth|code|key|pass|pwd|sid)($|[._-])|signature|token|secret|apikey|credential|passw|session|jwt|hmac/i

/** `nas.lan`, `db.prod.internal`. What may be a member in source text (`config.local`) needs a word or a port. */
function matchHost({ view, start: at, end: behind }: Place): Found | null {
  const { text } = view
  const end = /[-_\p{L}\p{N}]/u.test(text.charAt(behind)) ? null : behind
  if (end === null) return null
  const isFile = text.charAt(end) === '.' && fileEnding.test(text.slice(end, end + 8))
  // `.home` of `.home.arpa`, `.internal.example.com`: the end of another name.
  if (!isFile && text.charAt(end) === '.' && isWordCode(text.charCodeAt(end + 1))) return null
  const left = text.slice(Math.max(0, at - 128), at)
  const labels =
    /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){0,8}[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.exec(
      left,
    )
  if (labels === null) return null
  const start = at - labels[0].length
  if (
    start > 0 &&
    /[\w.$@/\\-]/.test(text.charAt(start - 1)) &&
    !text.slice(0, start).endsWith('//') &&
    text.charAt(start - 1) !== '@'
  )
    return null
  if (text.charAt(end) === '(' || !isName(view, start, end)) return null
  // `settings-2.local.json` is a file of a program, `nas-2.lan.pdf` one about a machine.
  if (isFile && !clearSuffix.test(view.lower.slice(start, end)) && programEnding.test(text.slice(end, end + 8)))
    return null
  return { start, end, score: 0.8, isValidated: false, canonical: text.slice(start, end).toLowerCase() }
}

/** Of documents, and of what machines write. */
const fileEnding =
  /^\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|txt|csv|tsv|md|html?|eml|msg|log|json|xml|ya?ml|conf|cfg|ini|zip|t?gz|tar|bak|png|jpe?g|pem|crt|key)(?![\p{L}\p{N}_-])/iu
const programEnding = /^\.(?:json|xml|ya?ml|conf|cfg|ini|md|html?|txt|log)/i

const clearSuffix = /\.(lan|corp|intranet|home\.arpa|ts\.net|localdomain)$/
const members =
  /^(this|self|process|env|environment|config|options|settings|state|window|os|path|paths|app|user|node|import|module|it|std)\./
/** A package or a member of a program that ends in such a word: `google.protobuf.internal`, `chrome.storage.local`. */
const packages = new RegExp(
  [
    '^(com|org|net|edu|gov|io|dev|java|javax|jdk|sun|android|androidx|kotlin|scala|google|numpy|pandas|torch|jax|keras',
    'tensorflow|scipy|sklearn|django|react|vue|angular|chrome|browser|data|props|cfg|conf|module|exports|store|args|ctx',
    'context|request|response|session|storage|theme|root|main|src|lib|pkg|core|test|tests|utils?|types?)[.]',
  ].join('|'),
)
const memberWords = /\.(storage|config|env|settings|state|options|exports|core|utils?|types|theme|module|props|path)\./
const importLine = /(?:^|\n)[ \t]*(?:import|from|package|use|using|namespace|require|export|open|module)\b[^\n]*$/

function isName(view: View, start: number, end: number): boolean {
  const name = view.lower.slice(start, end)
  if (
    isAnyName(name) ||
    members.test(name) ||
    /^(example|your|my-?host|host|hostname|server|foo|bar)\.[a-z.]+$/.test(name)
  )
    return false
  // Of two words in one the second has a capital: that is a member.
  if (/[a-z][A-Z]/.test(view.text.slice(start, end))) return false
  if (clearSuffix.test(name)) return true
  // A port, a path, an authority without its scheme.
  const after = view.text.slice(end, end + 6)
  if (/^:\d{2,5}\b/.test(after) || (/^\/\w/.test(after) && isFreePath(view, start)) || /\d|-/.test(name)) return true
  if (/^(?:[^.]+\.){2,}(?:internal|local)$/.test(name) && isHostOfThree(view, start, name)) return true
  return hasContext({ view, start, end }, hostWords, 32, 16)
}

/** Of three names and more the last one says that it is a host, where nothing says that it is a program's. */
function isHostOfThree(view: View, start: number, name: string): boolean {
  if (packages.test(name) || memberWords.test(name) || /(?:^|\.)[a-z]\./.test(name)) return false
  if (/^(?:;|\s*(?:={1,3}|&&|\|\|)\s|\[|\?\.)/.test(view.text.slice(start + name.length, start + name.length + 6)))
    return false
  return !importLine.test(view.text.slice(Math.max(0, start - 80), start))
}

/** `nas.local/photos` in a sentence, but no import: `"foo.internal/x"`. */
function isFreePath(view: View, start: number): boolean {
  return start === 0 || /[\s(<,;]/.test(view.text.charAt(start - 1)) || view.text.slice(0, start).endsWith('//')
}
