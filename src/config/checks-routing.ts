import { nearestNames } from '#kernel/nearest.ts'
import { builtinModels } from './builtin.ts'
import { isCloudVendor } from './clouds.ts'
import type { Config } from './contract.ts'
import type { Settings } from './schema.ts'
import type { Step } from './yaml-file.ts'

type Report = (path: readonly Step[], message: (name: string) => string, fix: string) => void

/** What no single setting of routes and upstreams can tell: a part of checks.ts. */
export function checkRouting(settings: Settings, report: Report): void {
  checkVendors(settings, report)
  checkTargets(settings, report)
  checkFallbacks(settings, report)
}

function checkVendors({ upstreams }: Settings, report: Report): void {
  upstreams.forEach((upstream, index) => {
    const at = (member: string): readonly Step[] => ['upstreams', index, member]
    if (upstream.kind === 'azure' && upstream.models.includes('*')) {
      report(
        at('models'),
        (name) => `${name} is "*", but Azure's list tells what could be deployed, not what is.`,
        `Write the names of your deployments, for example: models: [my-gpt-4o]`,
      )
    }
    if (upstream.kind !== 'azure' && upstream.apiVersion !== undefined) {
      report(at('apiVersion'), (name) => `${name} is for kind: azure; this one is ${upstream.kind}.`, 'Take it out.')
    }
    if (upstream.apiVersion !== undefined && upstream.apis?.some((api) => api !== 'chat')) {
      report(
        at('apis'),
        (name) => `${name} has more than chat, which Azure's API with a version does not have.`,
        'Take `apiVersion` out: its v1 API has `responses` too.',
      )
    }
    if (upstream.metricsUrl !== undefined && upstream.engine === undefined) {
      report(
        at('metricsUrl'),
        (name) => `${name} stands without engine: nobody knows how to read it.`,
        'Add `engine: vllm`, `sglang` or `llama-server`, or take it out.',
      )
    }
  })
}

/**
 * The public addresses of vendors are clouds, whether somebody says so or not. Other names may well be of this network:
 * only their addresses tell, and those are looked at when they are connected to.
 */
export function vendorWarnings({ upstreams, egress }: Config): readonly string[] {
  if (egress.cloudText !== 'deny') return []
  return upstreams
    .filter(({ locality, baseUrl }) => locality === null && isCloudVendor(baseUrl))
    .map(
      ({ name, baseUrl }) =>
        `The upstream ${name} (${new URL(baseUrl).hostname}) is a cloud and egress.cloudText is deny: ` +
        'text for it is refused.',
    )
}

function checkTargets({ models, upstreams: listed, routes }: Settings, report: Report): void {
  const ids = new Set([...models, ...builtinModels].map((model) => model.id))
  const upstreams = new Set(listed.map((upstream) => upstream.name))
  const names = namesOf(routes)
  routes.forEach((route, index) => {
    ;[route.model, ...route.aliases].forEach((alias, n) => {
      const path: readonly Step[] = ['routes', index, ...(n === 0 ? ['model'] : ['aliases', n - 1])]
      if (ids.has(alias)) {
        report(
          path,
          (name) => `${name} is "${alias}", which is a model's id already.`,
          'Choose another alias, or another id.',
        )
      }
      const first = names.findIndex((known) => known.name === alias)
      const own = names.findIndex((known) => known.index === index && known.place === n)
      // Two routes of one name are told with the other doubles.
      if (first !== own && (n > 0 || names[first]?.place !== 0)) {
        report(
          path,
          (name) => `${name} is "${alias}", as routes[${names[first]?.index}] is called already.`,
          'Take one of them out.',
        )
      }
    })
    if (route.targets.length === 0)
      report(['routes', index, 'targets'], (name) => `${name} is empty: nobody would answer.`, 'Add a target.')
    route.targets.forEach((target, n) => {
      const member = target.upstream === undefined ? 'model' : 'upstream'
      const path: readonly Step[] = ['routes', index, 'targets', n, member]
      if (target.upstream !== undefined) {
        if (upstreams.has(target.upstream)) return
        report(
          path,
          (name) => `${name} is "${target.upstream}", but there is no such upstream.`,
          nearest(target.upstream, upstreams),
        )
      } else if (!ids.has(target.model)) {
        const isAlias = names.some((known) => known.name === target.model)
        const why = isAlias
          ? 'but that is an alias, and aliases do not lead to aliases'
          : 'but there is no model with this id'
        report(
          path,
          (name) => `${name} is "${target.model}", ${why}.`,
          isAlias ? 'Write the targets of that alias here, or name it in `fallbacks`.' : nearest(target.model, ids),
        )
      }
    })
  })
}

interface KnownName {
  readonly name: string
  readonly index: number
  /** 0 = the route's own name, then its aliases. */
  readonly place: number
}

function namesOf(routes: Settings['routes']): readonly KnownName[] {
  return routes.flatMap((route, index) =>
    [route.model, ...route.aliases].map((name, place) => ({ name, index, place })),
  )
}

function checkFallbacks({ models, upstreams, routes }: Settings, report: Report): void {
  const ids = new Set([...models, ...builtinModels].map((model) => model.id))
  const leads = new Map(namesOf(routes).map(({ name, index }) => [name, index]))
  const isOffered = (model: string): boolean =>
    upstreams.some(({ name, models: offered }) => {
      const bare = model.startsWith(`${name}/`) ? model.slice(name.length + 1) : model
      return offered.includes('*') || offered.includes(bare)
    })
  routes.forEach((route, index) => {
    route.fallbacks.forEach(({ model }, n) => {
      const path: readonly Step[] = ['routes', index, 'fallbacks', n, 'model']
      if (!leads.has(model) && !ids.has(model) && !isOffered(model)) {
        report(
          path,
          (name) => `${name} is "${model}", but nobody answers to that name.`,
          nearest(model, new Set([...ids, ...leads.keys()])),
        )
      }
      const trail = wayBack(routes, leads, index, model)
      // A circle is told once, at the first of its routes.
      if (trail?.every((name) => (leads.get(name) ?? index) >= index) === true) {
        report(
          path,
          (name) => `${name} leads in a circle: ${trail.join(' → ')}.`,
          'Take one of these fallbacks out: each must lead further from where it began.',
        )
      }
    })
  })
}

/** How the fallbacks of `model` lead back to the route they began at; null = they do not. */
function wayBack(
  routes: Settings['routes'],
  leads: ReadonlyMap<string, number>,
  from: number,
  model: string,
): readonly string[] | null {
  const seen = new Set<number>()
  const visit = (name: string, trail: readonly string[]): readonly string[] | null => {
    const index = leads.get(name)
    if (index === undefined) return null
    if (index === from) return [...trail, name]
    if (seen.has(index)) return null
    seen.add(index)
    for (const fallback of routes[index]?.fallbacks ?? []) {
      const found = visit(fallback.model, [...trail, name])
      if (found) return found
    }
    return null
  }
  return visit(model, [routes[from]?.model ?? ''])
}

export function nearest(wanted: string, names: ReadonlySet<string>): string {
  const near = nearestNames(wanted, names)
  if (near.length > 0) return `Did you mean ${near.join(', ')}?`
  return names.size === 0 ? 'There is none yet.' : `There are: ${[...names].slice(0, 10).join(', ')}.`
}
