import { nearest } from './checks-routing.ts'
import type { UpstreamConfig } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

/** `prices` at the top of the config: `upstream/model` or `local/model`. What stands there goes before all others. */

type Prices = UpstreamConfig['prices']

const localName = 'local'

/** All upstreams and local models with what they cost. */
export function pricedOf(upstreams: readonly UpstreamConfig[], settings: Pick<Settings, 'prices'>) {
  return {
    upstreams: upstreams.map((upstream) => withPrices(upstream, settings)),
    localPrices: pricesFor(localName, settings),
  }
}

/** Of one upstream, or of local models, by the model's name. */
function pricesFor(name: string, { prices }: Pick<Settings, 'prices'>): Prices {
  const own = Object.entries(prices).filter(([place]) => upstreamIn(place) === name)
  return Object.fromEntries(
    own.map(([place, { input, output, cached }]) => [
      place.slice(name.length + 1),
      { input, output, cached: cached ?? null },
    ]),
  )
}

function withPrices(upstream: UpstreamConfig, settings: Pick<Settings, 'prices'>): UpstreamConfig {
  const own = pricesFor(upstream.name, settings)
  return Object.keys(own).length === 0 ? upstream : { ...upstream, prices: { ...upstream.prices, ...own } }
}

const upstreamIn = (place: string): string => place.slice(0, Math.max(0, place.indexOf('/')))

/** A price of nobody would be charged for nothing. */
export function checkPrices(
  { prices, upstreams }: Settings,
  report: (path: readonly Step[], message: (name: string) => string, fix: string) => void,
): void {
  const names = new Set([...upstreams.map(({ name }) => name), localName])
  for (const place of Object.keys(prices)) {
    const name = upstreamIn(place)
    if (place.length === name.length + 1 || name === '')
      report(
        ['prices', place],
        (at) => `${at} names no model: “${place}” is not of the form upstream/model.`,
        'Write `<upstream>/<model>`, or `local/<model>` for a model that this machine runs.',
      )
    else if (!names.has(name))
      report(['prices', place], (at) => `${at} is the price of an upstream that is not there.`, nearest(name, names))
  }
}
