/** What this process did, in llama-server's names, so that dashboards made for it fit. */
export interface Metrics {
  /** Prompt tokens that were evaluated; those of a reused prefix are not. */
  promptTokens: number
  promptMs: number
  predictedTokens: number
  predictedMs: number
  decodeCalls: number
  busySlots: number
}

export const createMetrics = (): Metrics => ({
  promptTokens: 0,
  promptMs: 0,
  predictedTokens: 0,
  predictedMs: 0,
  decodeCalls: 0,
  busySlots: 0,
})

export function metricsText(metrics: Metrics, now: { readonly processing: number; readonly deferred: number }): string {
  const perSecond = (count: number, ms: number): number => (ms > 0 ? count / (ms / 1000) : 0)
  const lines: readonly (readonly [name: string, type: 'counter' | 'gauge', help: string, value: number])[] = [
    ['prompt_tokens_total', 'counter', 'Number of prompt tokens processed.', metrics.promptTokens],
    ['prompt_seconds_total', 'counter', 'Prompt process time.', metrics.promptMs / 1000],
    ['tokens_predicted_total', 'counter', 'Number of generation tokens processed.', metrics.predictedTokens],
    ['tokens_predicted_seconds_total', 'counter', 'Predict process time.', metrics.predictedMs / 1000],
    ['n_decode_total', 'counter', 'Total number of llama_decode() calls.', metrics.decodeCalls],
    [
      'n_busy_slots_per_decode',
      'gauge',
      'Average number of busy slots per llama_decode() call.',
      metrics.decodeCalls > 0 ? metrics.busySlots / metrics.decodeCalls : 0,
    ],
    [
      'prompt_tokens_seconds',
      'gauge',
      'Average prompt throughput in tokens/s.',
      perSecond(metrics.promptTokens, metrics.promptMs),
    ],
    [
      'predicted_tokens_seconds',
      'gauge',
      'Average generation throughput in tokens/s.',
      perSecond(metrics.predictedTokens, metrics.predictedMs),
    ],
    ['requests_processing', 'gauge', 'Number of requests processing.', now.processing],
    ['requests_deferred', 'gauge', 'Number of requests deferred.', now.deferred],
  ]
  return lines
    .map(
      ([name, type, help, value]) =>
        `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${type}\nllamacpp:${name} ${value}\n`,
    )
    .join('')
}
