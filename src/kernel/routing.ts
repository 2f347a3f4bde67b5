/** Who of several targets is asked first. */
export const policies = [
  'priority',
  'weighted',
  'least-in-flight',
  'least-loaded',
  'prefix',
  'latency',
  'cost',
  'sticky',
] as const
export type Policy = (typeof policies)[number]

/**
 * Why an attempt came to nothing. `no_place`: the queue is full or the model is loading; `denied`: the egress policy
 * forbids it; `empty`: an answer without a word; `broken`: it broke off before the first output.
 */
export const failureClasses = [
  'refused',
  'reset',
  'timeout',
  'broken',
  'empty',
  'malformed',
  'busy',
  'rate_limited',
  'server_error',
  'auth',
  'not_found',
  'context_length',
  'content_filter',
  'no_place',
  'denied',
] as const
export type FailureClass = (typeof failureClasses)[number]

/** Programs whose own metrics tell how loaded they are. */
export const engines = ['vllm', 'sglang', 'llama-server'] as const
export type Engine = (typeof engines)[number]
