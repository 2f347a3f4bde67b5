import { z } from 'zod'
import { engines, failureClasses, policies } from '#kernel/routing.ts'
import { apis } from '#protocol/conversation/dialect.ts'
import { amount, choice, contextSizes, count, duration, share, text, webAddress } from './leaves.ts'

/** Routes and what routing needs to know of upstreams: a part of the schema. */

const modelName = (example: string) =>
  text({ what: 'a name without spaces', example, pattern: /^[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}$/ })

export const upstreamRouting = {
  apis: z
    .array(choice(apis))
    .optional()
    .describe(
      'The APIs it has, the best first: `chat` (/chat/completions), `responses`, `messages`. What callers speak and ' +
        'it does not is translated. Not said: `messages` of an Anthropic upstream, `chat` of any other.',
    ),
  apiVersion: text({
    what: 'a version of the API as Azure names it',
    example: '2024-10-21',
    pattern: /^\d{4}-\d{2}-\d{2}(-preview)?$/,
  })
    .optional()
    .describe('Only with `kind: azure`: its older API, which has a path for each deployment. Not said: its v1 API.'),
  engine: choice(engines)
    .optional()
    .describe('What it runs, so that its load can be read for the policy `least-loaded`.'),
  metricsUrl: webAddress('http://10.0.0.5:8888/metrics')
    .optional()
    .describe('Where `engine` tells its load. Not said: `/metrics` of the same host and port.'),
  context: contextSizes()
    .prefault({})
    .describe(
      'Tokens that prompt and answer may have together: one number, or one for each model name and `"*"` for all ' +
        'others. Not said: what its list of models tells.',
    ),
}

const target = z.strictObject({
  upstream: text({ what: 'the name of an upstream', example: 'office-vllm' })
    .optional()
    .describe('An upstream by its name; not said: a local model.'),
  model: text({ what: 'the name of a model', example: 'qwen3-30b' }).describe(
    "The model's name there, or the id of a local model.",
  ),
  weight: amount().prefault(1).describe('Its share beside others of the same priority; 0: only when no other can.'),
  priority: count({ min: 0, max: 999 })
    .optional()
    .describe(
      'Lower ones are asked first. Not said: its place in the list with the policy `priority`, the same for all with ' +
        'any other.',
    ),
})

const fallback = z.strictObject({
  on: z
    .array(choice(failureClasses))
    .min(1)
    .optional()
    .describe('After which failures. Not said: all that lie with the targets, not with the request.'),
  model: modelName('gpt-4o-mini').describe('The name that is asked instead, with its own targets and fallbacks.'),
})

const attempts = () => count({ min: 1, max: 10 })

export const route = z.strictObject({
  model: modelName('gpt-4o').describe('The alias that callers use.'),
  aliases: z.array(modelName('gpt-4o-mini')).max(100).prefault([]).describe('Further names for the same.'),
  policy: choice(policies)
    .prefault('priority')
    .describe(
      'Which target is asked first. `priority`: in their order. `weighted`: by chance, in proportion to the weights. ' +
        '`least-in-flight`: who has the fewest requests from here. `least-loaded`: by the engines’ own metrics (see ' +
        '`engine` of an upstream). `prefix`: who has seen the beginning of the prompt. `latency`: who begins to ' +
        'answer soonest. `cost`: the cheapest. `sticky`: the same for a whole session.',
    ),
  targets: z
    .array(target)
    .max(64)
    .describe('Who answers. The next one is asked when one cannot, as long as nothing of an answer has come.'),
  fallbacks: z
    .array(fallback)
    .max(16)
    .prefault([])
    .describe('What is asked when no target could answer: the first whose `on` fits.'),
  retries: z
    .strictObject({
      attempts: attempts().optional().describe('How often one target is asked for one request.'),
      backoff: duration().optional().describe('The longest first wait before it is asked again.'),
      maxBackoff: duration().optional().describe('The longest wait of all.'),
    })
    .prefault({})
    .describe('What is otherwise than in `routing.retries`.'),
  deadlines: z
    .strictObject({
      connect: duration().optional().describe('Instead of `limits.connect`.'),
      firstByte: duration().optional().describe('Instead of `limits.firstByte`.'),
      idle: duration().optional().describe('Instead of `limits.idle`.'),
      total: duration().optional().describe('Instead of `limits.total`.'),
    })
    .prefault({})
    .describe('How long its targets may take.'),
  cache: z
    .strictObject({
      ttl: duration().describe('How long an answer is given again to the same request of the same key.'),
    })
    .optional()
    .describe('Keeps whole answers. Not said: none is kept.'),
})

export const routing = z.strictObject({
  policy: choice(policies)
    .prefault('priority')
    .describe('For names that several upstreams share without a route; the words are those of a route’s `policy`.'),
  retries: z
    .strictObject({
      attempts: attempts().prefault(2).describe('How often one target is asked for one request.'),
      maxAttempts: count({ min: 1, max: 50 })
        .prefault(6)
        .describe('How often targets are asked for one request in all, fallbacks included.'),
      backoff: duration()
        .prefault('200ms')
        .describe('The longest wait before a target is asked again: a part of it by chance, doubled each time.'),
      maxBackoff: duration().prefault('5s').describe('The longest wait of all.'),
      maxRetryAfter: duration()
        .prefault('10s')
        .describe('A target that names a time to come back is waited for if it is no longer than this.'),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failures: count({ min: 1, max: 1000 })
        .prefault(5)
        .describe('After so many failures in a row a target is left alone. Being busy is no failure.'),
      openFor: duration()
        .prefault('5s')
        .describe('How long; then one request or probe tries it, and every failure of one doubles the time.'),
      maxOpenFor: duration().prefault('1m').describe('The longest time.'),
      whenAllOpen: choice(['ask', 'refuse'])
        .prefault('ask')
        .describe('When all targets are left alone: `ask` one nevertheless, or `refuse` with 503 at once.'),
    })
    .prefault({}),
  prefix: z
    .strictObject({
      match: share().prefault(0.5).describe('The part of a prompt that a target must have seen before.'),
      maxAhead: count({ min: 0, max: 10_000 })
        .prefault(32)
        .describe('A target that has so many more requests than the idlest gets none for nearness, if it also …'),
      maxRatio: amount().prefault(1.1).describe('… has more than so many times as many.'),
    })
    .prefault({})
    .describe('For the policy `prefix`.'),
})
