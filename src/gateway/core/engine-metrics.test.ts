import { expect, test } from 'bun:test'
import { readLoad } from './engine-metrics.ts'

const vllm = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-32B"} 8.0
# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="Qwen/Qwen3-32B"} 3.0
# HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="Qwen/Qwen3-32B"} 0.4375
# HELP vllm:request_success_total Count of successfully processed requests.
# TYPE vllm:request_success_total counter
vllm:request_success_total{engine="0",finished_reason="stop",model_name="Qwen/Qwen3-32B"} 120.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.001",model_name="Qwen/Qwen3-32B"} 0.0
`

const vllmBefore = `vllm:num_requests_running{model_name="m"} 2.0
vllm:num_requests_swapped{model_name="m"} 0.0
vllm:num_requests_waiting{model_name="m"} 0.0
vllm:gpu_cache_usage_perc{model_name="m"} 0.1
`

const vllmParallel = `vllm:num_requests_running{engine="0",model_name="m"} 2.0
vllm:num_requests_running{engine="1",model_name="m"} 5.0
vllm:num_requests_waiting{engine="0",model_name="m"} 0.0
vllm:num_requests_waiting{engine="1",model_name="m"} 1.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.2
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.6
`

const sglang = `# HELP sglang:num_running_reqs The number of running requests.
# TYPE sglang:num_running_reqs gauge
sglang:num_running_reqs{engine_type="unified",model_name="meta-llama/Llama-3.1-8B-Instruct",tp_rank="0"} 162.0
# HELP sglang:token_usage The token usage.
# TYPE sglang:token_usage gauge
sglang:token_usage{engine_type="unified",model_name="meta-llama/Llama-3.1-8B-Instruct",tp_rank="0"} 0.28
# HELP sglang:num_queue_reqs The number of requests in the waiting queue.
# TYPE sglang:num_queue_reqs gauge
sglang:num_queue_reqs{engine_type="unified",model_name="meta-llama/Llama-3.1-8B-Instruct",tp_rank="0"} 2826.0
`

const llamaServer = `# HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.
# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 1024
# HELP llamacpp:requests_processing Number of requests processing.
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 4
# HELP llamacpp:requests_deferred Number of requests deferred.
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 1
`

test.each([
  ['vLLM', 'vllm', vllm, { running: 8, waiting: 3, cacheUsage: 0.4375 }],
  ['vLLM before 0.9.2', 'vllm', vllmBefore, { running: 2, waiting: 0, cacheUsage: 0.1 }],
  ['vLLM with two engines', 'vllm', vllmParallel, { running: 7, waiting: 1, cacheUsage: 0.6 }],
  ['SGLang', 'sglang', sglang, { running: 162, waiting: 2826, cacheUsage: 0.28 }],
  ['llama-server', 'llama-server', llamaServer, { running: 4, waiting: 1, cacheUsage: null }],
  [
    'vLLM with line ends of another system',
    'vllm',
    vllm.replaceAll('\n', '\r\n'),
    { running: 8, waiting: 3, cacheUsage: 0.4375 },
  ],
  [
    'a label that looks like the end',
    'vllm',
    'vllm:num_requests_running{model_name="a} 9 b"} 1 1700000000\n',
    { running: 1, waiting: null, cacheUsage: null },
  ],
] as const)('the load of %s is read', (_who, engine, text, load) => {
  expect(readLoad(engine, text)).toEqual(load)
})

test.each([
  ['another engine', 'vllm', sglang],
  ['a page', 'vllm', '<html>vllm:num_requests_running</html>'],
  ['nothing', 'sglang', ''],
  ['no numbers', 'llama-server', 'llamacpp:requests_processing NaN\nllamacpp:requests_deferred +Inf\n'],
] as const)('of %s there is no load', (_what, engine, text) => {
  expect(readLoad(engine, text)).toBeNull()
})
