import type { Engine } from '#kernel/routing.ts'
import type { EngineLoad } from './health.ts'

type Load = Omit<EngineLoad, 'inFlightThen'>

/** What each engine calls it, the present name first; older versions are still about. */
const names: Readonly<Record<Engine, Readonly<Record<keyof Load, readonly string[]>>>> = {
  vllm: {
    running: ['vllm:num_requests_running'],
    waiting: ['vllm:num_requests_waiting'],
    // Before 0.9.2 the second.
    cacheUsage: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
  },
  sglang: {
    running: ['sglang:num_running_reqs'],
    waiting: ['sglang:num_queue_reqs'],
    cacheUsage: ['sglang:token_usage'],
  },
  'llama-server': {
    running: ['llamacpp:requests_processing'],
    waiting: ['llamacpp:requests_deferred'],
    // Gone since the middle of 2025: null then.
    cacheUsage: ['llamacpp:kv_cache_usage_ratio'],
  },
}

/**
 * The load in an engine's metrics (Prometheus text). Several series of one name are parts of one server, for example
 * its data-parallel engines: requests are added up, of cache usages the largest counts. null = none of the names is in
 * it: this is not what it was taken for.
 */
export function readLoad(engine: Engine, text: string): Load | null {
  const { running, waiting, cacheUsage } = names[engine]
  const wanted = new Set([...running, ...waiting, ...cacheUsage])
  const found = new Map<string, number[]>()
  for (const line of text.split('\n')) {
    const sample = readSample(line)
    if (sample === null || !wanted.has(sample.name)) continue
    const values = found.get(sample.name)
    if (values) values.push(sample.value)
    else found.set(sample.name, [sample.value])
  }
  if (found.size === 0) return null
  const valuesOf = (aliases: readonly string[]): readonly number[] =>
    aliases.map((name) => found.get(name)).find((values) => values !== undefined) ?? []
  const usages = valuesOf(cacheUsage)
  return {
    running: sumOf(valuesOf(running)),
    waiting: sumOf(valuesOf(waiting)),
    cacheUsage: usages.length === 0 ? null : Math.max(...usages),
  }
}

const sumOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)

/** `name{labels} value [timestamp]`; null: no sample, or one that is no number. */
function readSample(line: string): { readonly name: string; readonly value: number } | null {
  const match = /^([A-Za-z_:][\w:]*)(?:\{.*\})?[ \t]+(\S+)/.exec(line)
  const value = Number(match?.[2] ?? Number.NaN)
  return match?.[1] === undefined || !Number.isFinite(value) || value < 0 ? null : { name: match[1], value }
}
