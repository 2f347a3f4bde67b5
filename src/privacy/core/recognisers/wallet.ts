import type { Found, Place, Recogniser } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { keccak256, sha256 } from './digests.ts'
import { isWhole } from './edges.ts'

const words = contextWords(
  [
    'wallet*',
    'bitcoin',
    'btc',
    'ethereum',
    'eth',
    'ether',
    'monero',
    'xmr',
    'litecoin',
    'ltc',
    'solana',
    'sol',
    'crypto*',
  ],
  [
    'address',
    'adresse',
    'direccion',
    'indirizzo',
    'usdt',
    'usdc',
    'tron',
    'dogecoin',
    'donat*',
    'spende*',
    'geldborse',
  ],
)
const strictWords = contextWords('wallet*', 'solana', 'sol address', 'monero', 'xmr', 'crypto*', 'phantom')

export const walletRecognisers: readonly Recogniser[] = [
  { id: 'wallet.base58', type: 'WALLET', trigger: { kind: 'token', min: 25, max: 36 }, match: matchBase58 },
  {
    id: 'wallet.bech32',
    type: 'WALLET',
    trigger: { kind: 'literal', literals: ['bc1', 'ltc1', 'tb1'] },
    match: matchBech32,
  },
  { id: 'wallet.ethereum', type: 'WALLET', trigger: { kind: 'token', min: 42, max: 42 }, match: matchEthereum },
  { id: 'wallet.monero', type: 'WALLET', trigger: { kind: 'token', min: 95, max: 106 }, match: matchMonero },
  { id: 'wallet.solana', type: 'WALLET', trigger: { kind: 'token', min: 32, max: 44 }, match: matchSolana },
]

/** Base58Check, whatever the version: Bitcoin, Litecoin, Dogecoin, Tron, Zcash; four bytes of a double SHA-256. */
function matchBase58({ view, start, end }: Place): Found | null {
  const written = view.text.slice(start, end)
  const bytes = readBase58(written)
  if (bytes === null || (bytes.length !== 25 && bytes.length !== 26)) return null
  const body = bytes.subarray(0, -4)
  const check = sha256(sha256(body))
  if (!bytes.subarray(-4).every((byte, index) => byte === check[index])) return null
  return { start, end, score: 0.99, isValidated: true, canonical: written }
}

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function readBase58(text: string): Uint8Array | null {
  let number = 0n
  for (const character of text) {
    const digit = base58.indexOf(character)
    if (digit < 0) return null
    number = number * 58n + BigInt(digit)
  }
  const bytes: number[] = []
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 255n))
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return Uint8Array.from([...Array.from({ length: zeros }, () => 0), ...bytes])
}

/** BIP 173 and BIP 350: one case, a polynomial of six characters. */
function matchBech32({ view, start }: Place): Found | null {
  const written = /^[a-z0-9]{14,90}/.exec(view.lower.slice(start, start + 96))?.[0]
  if (written === undefined) return null
  const end = start + written.length
  const text = view.text.slice(start, end)
  if (!isWhole(view.text, start, end) || (text !== text.toLowerCase() && text !== text.toUpperCase())) return null
  const split = written.lastIndexOf('1')
  const data = [...written.slice(split + 1)].map((character) => 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.indexOf(character))
  if (data.length < 8 || data.includes(-1)) return null
  const prefix = [...written.slice(0, split)].map((character) => character.charCodeAt(0))
  const rest = polymod([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data])
  if (rest !== 1 && rest !== 0x2bc830a3) return null
  return { start, end, score: 0.99, isValidated: true, canonical: written }
}

function polymod(values: readonly number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
  let check = 1
  for (const value of values) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    generators.forEach((generator, bit) => {
      if (((top >> bit) & 1) === 1) check ^= generator
    })
  }
  return check
}

/** EIP-55: the capitals are a checksum. In one case it is any twenty bytes, and a word has to say what they are. */
function matchEthereum({ view, start, end }: Place): Found | null {
  const written = view.text.slice(start, end)
  if (!/^0x[0-9a-fA-F]{40}$/.test(written) || /^0x0{30}/.test(written)) return null
  const canonical = written.toLowerCase()
  const hex = written.slice(2)
  if (hex === hex.toLowerCase() || hex === hex.toUpperCase()) {
    if (!hasContext({ view, start, end }, words)) return null
    return { start, end, score: 0.85, isValidated: false, canonical }
  }
  const digest = keccak256(new TextEncoder().encode(canonical.slice(2)))
  const isRight = [...hex].every((character, index) => {
    if (/\d/.test(character)) return true
    const nibble = ((digest[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 15
    return nibble >= 8 === (character === character.toUpperCase())
  })
  return isRight ? { start, end, score: 0.99, isValidated: true, canonical } : null
}

/** Blocks of eight bytes are eleven characters; the last four bytes are a Keccak-256 of what is before them. */
function matchMonero({ view, start, end }: Place): Found | null {
  const written = view.text.slice(start, end)
  if (!/^[48][1-9A-HJ-NP-Za-km-z]{94}$|^4[1-9A-HJ-NP-Za-km-z]{105}$/.test(written)) return null
  const blocks = written.match(/.{1,11}/g) ?? []
  const bytes = blocks.map((block) => moneroBlock(block, block.length === 11 ? 8 : block.length === 7 ? 5 : -1))
  const all = bytes.includes(null) ? null : Uint8Array.from(bytes.flatMap((block) => [...(block ?? [])]))
  const isRight =
    all !== null &&
    keccak256(all.subarray(0, -4))
      .subarray(0, 4)
      .every((byte, index) => byte === all.at(index - 4))
  if (!isRight && !hasContext({ view, start, end }, strictWords)) return null
  return { start, end, score: isRight ? 0.99 : 0.8, isValidated: isRight, canonical: written }
}

function moneroBlock(block: string, size: number): readonly number[] | null {
  let number = 0n
  for (const character of block) number = number * 58n + BigInt(base58.indexOf(character))
  if (size < 0 || number >> BigInt(size * 8) !== 0n) return null
  return Array.from({ length: size }, (_, index) => Number((number >> BigInt((size - 1 - index) * 8)) & 255n))
}

/** 32 bytes without a checksum. */
function matchSolana({ view, start, end }: Place): Found | null {
  const written = view.text.slice(start, end)
  if (!hasContext({ view, start, end }, strictWords) || readBase58(written)?.length !== 32) return null
  return { start, end, score: 0.8, isValidated: false, canonical: written }
}
