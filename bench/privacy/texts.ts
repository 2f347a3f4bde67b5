/**
 * Texts of the kinds that are sent to models, made from a seed. What looks like somebody's is nobody's: check digits
 * are right, so that finding it costs what it costs in earnest.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded, shuffled } from '../chance.ts'
import { root } from '../machine.ts'
import { cities, english, firstNames, german, lastNames, months, streets, weekdays } from './sentences.ts'

export const kinds = ['English prose', 'German prose', 'customer mail', 'source code', 'logs', 'JSON results'] as const
export type Kind = (typeof kinds)[number]

/** At least so many characters, cut there. */
export function textOf(kind: Kind, length: number, seed: number): string {
  const dice = diceOf(seeded(seed))
  const make = makers[kind](dice)
  let text = ''
  while (text.length < length) text += make()
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

interface Dice {
  /** From `from` to `to`, both included. */
  number(from: number, to: number): number
  digits(count: number): string
  hex(count: number): string
  of<T>(values: readonly T[]): T
  chance: () => number
}

function diceOf(chance: () => number): Dice {
  const number = (from: number, to: number) => from + Math.floor(chance() * (to - from + 1))
  return {
    number,
    digits: (count) => Array.from({ length: count }, () => number(0, 9)).join(''),
    hex: (count) => Array.from({ length: count }, () => number(0, 15).toString(16)).join(''),
    of: <T>(values: readonly T[]) => values[number(0, values.length - 1)] as T,
    chance,
  }
}

const makers: Readonly<Record<Kind, (dice: Dice) => () => string>> = {
  'English prose': (dice) => paragraphs(english, dice),
  'German prose': (dice) => paragraphs(german, dice),
  'customer mail': (dice) => () => mail(dice),
  'source code': sources,
  logs: (dice) => () => logLine(dice),
  'JSON results': (dice) => () => toolResult(dice),
}

function paragraphs(sentences: readonly string[], dice: Dice): () => string {
  return () => `${Array.from({ length: dice.number(3, 8) }, () => filled(dice.of(sentences), dice)).join(' ')}\n\n`
}

function filled(sentence: string, dice: Dice): string {
  return sentence.replace(/\{(\w+)\}/g, (_, slot: string) => {
    switch (slot) {
      case 'first':
        return dice.of(firstNames)
      case 'city':
        return dice.of(cities)
      case 'weekday':
        return dice.of(weekdays)
      case 'month':
        return dice.of(months)
      case 'year':
        return String(dice.number(1890, 2025))
      case 'number':
        return String(dice.number(10, 900))
      default:
        return String(dice.number(2, 9))
    }
  })
}

/** Every second line is about somebody. */
function mail(dice: Dice): string {
  const [first, last] = [dice.of(firstNames), dice.of(lastNames)]
  const [other, otherLast] = [dice.of(firstNames), dice.of(lastNames)]
  const street = `${dice.of(streets)} ${dice.number(1, 140)}`
  const city = `${dice.digits(5)} ${dice.of(cities)}`
  const date = `${dice.number(10, 28)}.${dice.number(10, 12)}.${dice.number(2023, 2026)}`
  const phone = `+49 ${dice.of(['30', '40', '89', '221'])} ${dice.number(200000, 999999)}${dice.digits(2)}`
  return `From: ${first} ${last} <${addressOf(first, last)}>
To: service@${dice.of(['example.com', 'kontor-nord.de', 'lampenladen.eu'])}
Date: ${date} ${dice.number(10, 23)}:${dice.number(10, 59)}
Subject: Order ${dice.digits(8)}

Hello, I ordered two lamps on ${date} and only one of them arrived at ${street}, ${city}.
The invoice ${dice.digits(4)}-${dice.digits(6)} says that both were sent. Please call me on ${phone} or write to
${addressOf(first, last)}; my colleague ${other} ${otherLast} (${addressOf(other, otherLast)}) can take the parcel.
You can pay the money back to my account ${iban(dice)}${dice.chance() < 0.3 ? ` or to the card ${card(dice)}` : ''}.
${filled(dice.of(english), dice)}

Kind regards
${first} ${last}
${street}, ${city}
Tel. ${phone}, born ${dice.number(10, 28)}.${dice.number(10, 12)}.${dice.number(1950, 2005)}

`
}

function addressOf(first: string, last: string): string {
  const domain = `${last.toLowerCase().replace('ü', 'ue')}-mail.de`
  return `${first.toLowerCase()}.${last.toLowerCase().replace('ü', 'ue')}@${domain}`
}

function iban(dice: Dice): string {
  const account = dice.digits(18)
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`.replace(/.{4}(?=.)/g, '$& ')
}

function card(dice: Dice): string {
  const digits = `4${dice.digits(14)}`
  const sum = [...digits].reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`.replace(/.{4}(?=.)/g, '$& ')
}

/** This repository's own, one file behind the other. */
function sources(dice: Dice): () => string {
  const files = shuffled(
    [...new Bun.Glob('src/{gateway,platform,metering}/**/*.ts').scanSync(root)].toSorted(),
    dice.chance,
  )
  let next = 0
  return () => readFileSync(join(root, files[next++ % files.length] ?? ''), 'utf8')
}

function logLine(dice: Dice): string {
  const day = `2026-${two(dice.number(1, 12))}-${two(dice.number(1, 28))}`
  const time = `${two(dice.number(0, 23))}:${two(dice.number(0, 59))}:${two(dice.number(0, 59))}.${dice.digits(3)}`
  const uuid = `${dice.hex(8)}-${dice.hex(4)}-4${dice.hex(3)}-a${dice.hex(3)}-${dice.hex(12)}`
  const [count, millis] = [dice.number(1, 999), dice.number(1, 4000)]
  const what = dice.of([
    () => `GET /v1/models/${count} 200 ${millis}ms bytes=${dice.number(100, 90000)} id=${uuid}`,
    () => `worker ${dice.number(1, 16)} took job ${uuid} attempt=${dice.number(1, 3)} queue=default wait=${count}`,
    () => `connection from 10.${dice.number(0, 255)}.0.${dice.number(1, 254)}:${dice.number(1024, 65535)} closed`,
    () => `cache miss key=page:${dice.hex(16)} size=${dice.number(1, 4096)} ttl=${dice.number(10, 3600)}s`,
    () => `slow query (${millis} ms): select * from orders where id = ${dice.digits(6)} limit 50`,
    () => `retrying upstream eu-${dice.number(1, 3)} after ${millis} ms, ${dice.number(1, 5)} of 5, next in ${count}s`,
  ])()
  return `${day}T${time}Z ${dice.of(['INFO', 'INFO', 'INFO', 'WARN', 'ERROR', 'DEBUG'])} [http-${dice.number(1, 8)}] ${what}\n`
}

const two = (number: number) => String(number).padStart(2, '0')

function toolResult(dice: Dice): string {
  const rows = Array.from({ length: dice.number(3, 9) }, () => ({
    id: dice.number(1000, 99999),
    sku: `${dice.of(['LMP', 'CHR', 'TBL'])}-${dice.digits(4)}`,
    title: filled(dice.of(english), dice).slice(0, dice.number(20, 60)),
    price: dice.number(100, 90000) / 100,
    stock: dice.number(0, 500),
    url: `https://shop.example.com/items/${dice.number(1000, 99999)}?ref=${dice.hex(6)}`,
    updated_at: `2026-${two(dice.number(1, 12))}-${two(dice.number(1, 28))}T10:${two(dice.number(0, 59))}:00Z`,
    tags: [dice.of(['new', 'sale', 'oak']), dice.of(['indoor', 'outdoor'])],
    contact: dice.chance() < 0.2 ? addressOf(dice.of(firstNames), dice.of(lastNames)) : null,
  }))
  return `${JSON.stringify({ ok: true, page: dice.number(1, 9), total: dice.number(100, 999), rows })}\n`
}
