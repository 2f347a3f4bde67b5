import type { Json } from '../scripted-turn.ts'
import type { PlayedCall, PlayedUsage, Prompt, Said } from '../model-upstream/model.ts'
import { placeholdersIn, rephrased, type SeenPlaceholder } from './placeholders.ts'

/** What the cloud does with the next requests, until it is told otherwise. */
export type Behaviour =
  /** The user's last words, or the results of tools, said again. */
  | { readonly kind: 'echo' }
  /** Every placeholder that it saw, written in every way that models write them. */
  | { readonly kind: 'rephrase' }
  /** Stops for `max_tokens` when so many characters of the last placeholder stand there. */
  | { readonly kind: 'truncate'; readonly characters: number }
  /** Says this, whatever it was asked. */
  | { readonly kind: 'say'; readonly text: string }
  /** Calls the first tool with what it saw, at three depths; then takes the result and goes on. */
  | { readonly kind: 'tools' }
  /** Refuses, and says the prompt in its message, as vendors do. */
  | { readonly kind: 'refuse'; readonly status: number }

export interface Asked {
  readonly prompt: Prompt
  readonly body: Json
}

/** The answer, and what the second choice holds where two were asked for. */
export function sayings(behaviour: Behaviour, { prompt, body }: Asked): readonly [Said, ...Said[]] {
  const first = said(behaviour, prompt)
  if (Number(body['n'] ?? 1) < 2) return [first]
  return [first, { ...first, text: `Otherwise: ${first.text}` }]
}

function said(behaviour: Behaviour, prompt: Prompt): Said {
  const seen = placeholdersIn([...prompt.asked, ...prompt.results].join('\n'))
  const thought = prompt.thinks ? `They speak of ${seen.map(({ whole }) => whole).join(' and ') || 'nobody'}.` : null
  const calls = behaviour.kind === 'tools' ? callsOf(prompt, seen) : []
  if (calls.length > 0) return whole(prompt, { thought, text: '', calls, end: 'calls' })
  switch (behaviour.kind) {
    case 'say':
      return whole(prompt, { thought, text: behaviour.text, calls, end: 'stop' })
    case 'rephrase':
      return whole(prompt, { thought, text: rephrased(seen), calls, end: 'stop' })
    case 'truncate': {
      const last = seen.at(-1)?.whole ?? ''
      const text = `It was ${seen.map((each) => each.whole).join(', ')} and ${last.slice(0, behaviour.characters)}`
      return whole(prompt, { thought, text, calls, end: 'length' })
    }
    default:
      return whole(prompt, { thought, text: echoOf(prompt), calls, end: 'stop' })
  }
}

function whole(prompt: Prompt, told: Pick<Said, 'thought' | 'text' | 'calls' | 'end'>): Said {
  return { refusal: null, sequence: null, isEndless: false, usage: usageOf(prompt, told.text), ...told }
}

/** Of use to see that nobody changes them. */
function usageOf({ asked, system, results }: Prompt, text: string): PlayedUsage {
  const count = (words: string): number => words.split(/\s+/).filter(Boolean).length
  return {
    prompt: 8 + count([system, ...asked, ...results].join(' ')),
    cached: 4,
    completion: count(text),
    reasoning: 0,
  }
}

function echoOf({ asked, results }: Prompt): string {
  if (results.length > 0) return `The tool said: ${results.join(' and ')}`
  return asked.at(-1) ?? ''
}

/** Only where there is a tool and its result did not come just now. */
function callsOf({ tools, results, asked, choice }: Prompt, seen: readonly SeenPlaceholder[]): readonly PlayedCall[] {
  const [tool] = tools
  if (tool === undefined || results.length > 0 || choice === 'none') return []
  const text = asked.at(-1) ?? ''
  const names = seen.map(({ whole: each }) => each)
  const deepest = JSON.stringify({ deepest: text, names })
  const input = { text, nested: { list: [{ note: text }] }, packed: JSON.stringify({ inner: text, again: deepest }) }
  return [{ id: `call_${asked.length}`, name: tool.name, isFree: false, arguments: JSON.stringify(input) }]
}

/** Every text of a request, as one; JSON inside of texts is text. */
export function allText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(allText).join('\n')
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([name, each]) => `${name} ${allText(each)}`)
    .join('\n')
}
