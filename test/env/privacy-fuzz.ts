/**
 * Seeded canaries through the whole program: a value that nobody has, written in some way, in some member of some
 * dialect, for a cloud that is held captive. Whatever the program answers, the value must not be in the bytes.
 */
import type { Canary } from '#privacy/core/canaries/canary.ts'
import { makeCanaries } from '#privacy/core/canaries/canaries.ts'
import { carriers } from '#privacy/core/canaries/carriers.ts'
import { mutations, type Mutation } from '#privacy/core/canaries/mutations.ts'
import { createRandom, type Random } from '#privacy/core/canaries/random.ts'
import { fieldsWith } from './privacy-fields.ts'
import { cloudModels, startPrivacyHouse, type PrivacyHouse } from './privacy-house.ts'
import { readingsHolding } from './privacy-readings.ts'

export interface PrivacyFuzzOptions {
  readonly seed: string
  readonly cases: number
  /** This case alone. */
  readonly only?: number
  /** Through a house that hides nothing, to see whether survivors are seen. */
  readonly isOpen?: boolean
  readonly onProgress?: (cases: number) => void
}

export interface PrivacyFuzzReport {
  readonly cases: number
  /** Requests that reached the cloud; the rest was refused. */
  readonly sent: number
  readonly refused: number
  /** Echoes that were looked at, and held the value again. */
  readonly restored: number
  /** What got out although it is claimed not to, or did not come back, each with what plays it again. */
  readonly faults: readonly string[]
  /** What got out in a way that nobody claims to find. */
  readonly listed: readonly string[]
}

interface Case {
  readonly canary: Canary
  readonly mutation: Mutation
  /** As it is written. */
  readonly written: string
  readonly name: string
  readonly path: string
  readonly body: unknown
  /** The value is to come back. */
  readonly isEcho: boolean
}

const freshAfter = 50
const largeShare = 100
const progressEvery = 500

export async function runPrivacyFuzz(options: PrivacyFuzzOptions): Promise<PrivacyFuzzReport> {
  const { seed, cases, only, isOpen = false, onProgress } = options
  await using all = await startPrivacyHouse({ isOpen })
  const names = makeCanaries(createRandom(numberOf(seed))).filter(({ isName }) => isName)
  if (!isOpen) await putNames(all, names)
  const report = { sent: 0, refused: 0, restored: 0, faults: [] as string[], listed: [] as string[] }
  const numbers = only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only]
  for (const index of numbers) {
    await play(all, caseOf(seed, index, names), { report, again: `--seed=${seed} --case=${index}` })
    if ((index + 1) % progressEvery === 0) onProgress?.(index + 1)
  }
  return { cases: numbers.length, ...report }
}

interface Counted {
  sent: number
  refused: number
  restored: number
  readonly faults: string[]
  readonly listed: string[]
}

interface Playing {
  readonly report: Counted
  readonly again: string
}

async function play({ cloud, house, one }: PrivacyHouse, it: Case, { report, again }: Playing): Promise<void> {
  cloud.captured.forget()
  const answer = await (it.body === null ? one.ask(it.path) : one.post(it.path, it.body))
  const text = await answer.text()
  const said = `${it.canary.kind} ${JSON.stringify(it.written)} in ${it.name} (${it.mutation.id}): ${again}`
  if (cloud.captured.byteCount === 0) report.refused++
  else report.sent++
  const readings = leaksOf(cloud.captured.all(), it)
  if (readings.length > 0) {
    const list = isClaimed(it) ? report.faults : report.listed
    list.push(`${said}: left ${readings.join(', ')}, answered ${answer.status}`)
  }
  if (answer.status >= 500)
    report.faults.push(`${said}: answered ${answer.status} ${text.slice(0, 300)}; log: ${house.logs().slice(-1000)}`)
  if (!it.isEcho || answer.status !== 200) return
  if (readingsHolding(Buffer.from(text), it.written).length > 0) report.restored++
  else report.faults.push(`${said}: it did not come back, but ${text.slice(0, 300)}`)
}

/** Two encodings in one another are read; a member that encodes what stands in it makes them three. */
const isClaimed = ({ mutation, canary, name }: Case): boolean =>
  mutation.claims(canary) && !(mutation.id === 'percent-in-base64' && /^url\.|url-query|base64-attachment/.test(name))

/** How the bytes hold the value, as it is or as it was written, or a part of it that tells it. */
function leaksOf(bytes: Uint8Array, { canary, mutation, written }: Case): readonly string[] {
  const parts = mutation.id === 'none' ? partsOf(canary) : []
  const telling = [canary.value, written, ...parts].filter((value) => value.length >= leastTelling)
  return [...new Set(telling.flatMap((value) => readingsHolding(bytes, value)))]
}

const leastTelling = 5

/** What tells a value as much as its whole. */
function partsOf({ type, value }: Canary): readonly string[] {
  switch (type) {
    case 'EMAIL':
      return value.split('@').slice(0, 1)
    case 'PERSON':
      return value.split(' ').slice(1)
    case 'CARD':
    case 'IBAN':
    case 'PHONE':
      return [value.slice(-9), value.slice(4)]
    default:
      return []
  }
}

function caseOf(seed: string, index: number, names: readonly Canary[]): Case {
  const block = Math.floor(index / freshAfter)
  const fresh = makeCanaries(createRandom(numberOf(`${seed}/${block}`))).filter(({ isName }) => !isName)
  const random = createRandom(numberOf(`${seed}#${index}`))
  const canary = random.pick([...fresh, ...names])
  const [mutation, written] = writing(canary, random)
  const text = `${canary.before}${written}${canary.after}`
  return { canary, mutation, written, ...carried(text, { random, canary, isPlain: mutation.id === 'none' }) }
}

/** As it is in a third of the cases, for what is written oddly is mostly found in the same places. */
function writing({ value }: Canary, random: Random): readonly [Mutation, string] {
  const plain = mutations.find(({ id }) => id === 'none')
  if (plain === undefined) throw new Error('there is no way to write a value as it is')
  if (random.below(3) === 0) return [plain, value]
  const mutation = random.pick(mutations)
  const written = mutation.apply(value, random)
  return written === null ? [plain, value] : [mutation, written]
}

type Carried = Pick<Case, 'name' | 'path' | 'body' | 'isEcho'>

interface Carrying {
  readonly random: Random
  readonly canary: Canary
  readonly isPlain: boolean
}

/** Members as the product knows them, or as this test does. */
function carried(text: string, { random, canary, isPlain }: Carrying): Carried {
  const models = { openai: cloudModels.vendor, anthropic: cloudModels.claude }
  if (random.below(2) === 0) {
    const { name, path, body } = random.pick(fieldsWith(text, models))
    const isEcho = isPlain && canary.type !== 'SECRET' && echoed.has(name)
    return { name, path, body, isEcho }
  }
  const small = carriers.filter(({ isLarge }) => isLarge !== true)
  const carrier = random.pick(random.below(largeShare) === 0 ? carriers : small)
  const { path, body } = carrier.build(text, random)
  const isOther = /^(other|url)\./.test(carrier.id)
  const model = path === '/messages' ? models.anthropic : models.openai
  const named = body === null || isOther ? body : { ...(body as object), model }
  return { name: carrier.id, path: `${isOther ? '/upstreams/cloud' : '/v1'}${path}`, body: named, isEcho: false }
}

/** Where the captive cloud says the text again. */
const echoed = new Set([
  'chat content',
  'chat content part',
  'responses input',
  'messages content',
  'messages content block',
])

async function putNames({ house }: PrivacyHouse, names: readonly Canary[]): Promise<void> {
  const directory = names.map(({ value, type }) => ({ value, type }))
  const answer = await house.ask('/v1/privacy/lists', { method: 'PUT', body: JSON.stringify({ directory }) })
  if (!answer.ok) throw new Error(`The names were not taken: ${answer.status} ${await answer.text()}`)
}

const numberOf = (seed: string): number => Bun.hash.crc32(seed)
