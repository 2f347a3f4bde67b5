/**
 * Whether a place is a whole string of JSON that belongs to the protocol and not to what somebody wrote: somebody's
 * name may be `Content` or `Stop`, and that must not stop every request. `text` has one character for each byte.
 */
export function isProtocolWord(text: string, place: { readonly start: number; readonly length: number }): boolean {
  const before = text.lastIndexOf('"', place.start)
  const after = text.indexOf('"', place.start + place.length)
  if (before === -1 || after === -1 || after - before > longest) return false
  const isName = /^"\s{0,2}:/.test(text.slice(after, after + 4))
  const word = text.slice(before + 1, after)
  return isName
    ? memberNames.has(word)
    : words.has(word) && /[:[,]\s{0,2}$/.test(text.slice(Math.max(0, before - 3), before))
}

const longest = 48

/** Members of requests in the dialects that leave the house. */
const memberNames: ReadonlySet<string> = new Set(
  (
    'messages message content role name model stream input output prompt system tools tool tool_calls tool_choice ' +
    'function functions arguments description parameters properties required additionalProperties items enum default ' +
    'examples title schema strict format type text image image_url input_text output_text input_image file file_id ' +
    'metadata user stop stop_sequences max_tokens max_completion_tokens max_output_tokens temperature top_p top_k ' +
    'frequency_penalty presence_penalty logit_bias logprobs seed response_format json_schema prediction documents ' +
    'query store instructions reasoning effort summary include thinking signature budget_tokens cache_control source data ' +
    'media_type tool_use_id tool_call_id is_error parallel_tool_calls service_tier stream_options include_usage ' +
    'previous_response_id conversation index rank score value values key keys dimensions encoding_format label labels'
  ).split(' '),
)

/** What stands behind such members. */
const words: ReadonlySet<string> = new Set(
  (
    'system user assistant developer tool function text input_text output_text message object string number integer ' +
    'boolean array null auto none required any content stop length json_object json_schema json image image_url file ' +
    'input_image input_file tool_use tool_result function_call function_call_output reasoning thinking low ' +
    'medium high minimal float base64 default flex priority ephemeral document enabled disabled refusal'
  ).split(' '),
)
