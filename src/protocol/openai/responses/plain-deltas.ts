import { plainDeltas } from '../../conversation/plain-deltas.ts'

/** Events that only add to what was said. */
export const isPlainResponses = plainDeltas([
  'response.output_text.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
])
