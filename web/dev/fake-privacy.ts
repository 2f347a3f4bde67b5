import type {
  Detected,
  HouseLists,
  LeakReport,
  ListChange,
  PolicyView,
  PrivacyStatus,
  Rules,
  ScopeView,
} from '../src/api/privacy.ts'
import { json, refuse } from './answers.ts'
import { departuresOf, hoursAgo, startLists, startPolicies, startScopes } from './fake-privacy-data.ts'

/** What the guard does, small: a few recognisers, values that can be put back, rules and lists that can be changed. */
export interface FakePrivacy {
  /** null = it is none of its addresses. */
  answer(request: Request): Promise<Response | null>
  /** `locked`, `silent` (a recogniser that does not answer), `reads` (one that does), `empty`, `well`. */
  mood(word: string): void
}

type Asked = Rules & ListChange & { readonly text: string; readonly cases: number; readonly seed?: number }

type Tell = (type: string, data: unknown) => void

const known: readonly (readonly [string, string, RegExp])[] = [
  ['EMAIL', 'email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ['IBAN', 'iban', /\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){3,7}(?: ?[\dA-Z]{1,3})?\b/g],
  ['PHONE', 'phone', /\+\d[\d ()-]{7,17}\d/g],
  ['IP', 'ip.v4', /\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  ['SECRET', 'secret.hearth', /\bhk-[\w-]{8,}/g],
]
const checked = new Set(['IBAN'])

export function createFakePrivacy(tell: Tell): FakePrivacy {
  const state = {
    mood: 'well',
    policies: startPolicies(),
    lists: startLists(),
    scopes: startScopes(),
    values: new Map<string, string>(),
  }
  return {
    mood: (word) => void (state.mood = word),
    async answer(request) {
      const { pathname, searchParams } = new URL(request.url)
      if (!pathname.startsWith('/v1/privacy/')) return null
      const path = pathname.slice('/v1/privacy/'.length)
      const hasBody = request.method === 'PUT' || request.method === 'POST'
      const body = (hasBody ? await request.json() : {}) as Asked
      switch (`${request.method} ${path.split('/')[0]}`) {
        case 'GET status':
          return json(statusOf(state))
        case 'GET policies':
          return json({ data: state.policies })
        case 'PUT policies':
          return json(setPolicy(state, decodeURIComponent(path.slice('policies/'.length)), body))
        case 'GET lists':
          return json(state.lists)
        case 'PUT lists':
          state.lists = { ...state.lists, ...body, version: state.lists.version + 1 }
          return json(state.lists)
        case 'GET scopes':
          return json({ data: state.mood === 'empty' ? [] : state.scopes })
        case 'DELETE scopes':
          state.scopes = state.scopes.filter(({ id }) => id !== path.slice('scopes/'.length))
          return json({ id: path.slice('scopes/'.length), shredded: true })
        case 'GET departures':
          return json(state.mood === 'empty' ? { data: [], next: null } : departuresOf(searchParams))
        case 'POST detect':
          return json(look(body.text, state))
        case 'POST scrub':
          return state.mood === 'locked' ? refuse(503, 'vault_locked', locked) : json(scrub(body.text, state))
        case 'POST rehydrate':
          return json(putBack(body.text, state))
        case 'POST leak-test':
          return json(await leakTest({ cases: body.cases, seed: body.seed ?? 888_242_634, tell, request }))
        default:
          return null
      }
    },
  }
}

interface State {
  readonly mood: string
  policies: readonly PolicyView[]
  readonly lists: HouseLists
  scopes: readonly ScopeView[]
  readonly values: Map<string, string>
}

const locked =
  '/srv/hearth/privacy.key may be used by others (mode 644). Say `chmod 600 /srv/hearth/privacy.key` and start Hearth again.'

function statusOf({ mood, policies, lists }: State): PrivacyStatus {
  const hasRecogniser = mood === 'silent' || mood === 'reads'
  const detail = mood === 'silent' ? 'The recogniser of names at http://127.0.0.1:5002 did not answer in 2 s.' : null
  return {
    cloudText: 'scrub',
    names: hasRecogniser ? 'recogniser' : 'known-names',
    recogniser: hasRecogniser
      ? { kind: 'presidio', url: 'http://127.0.0.1:5002', language: 'en', isReachable: detail === null, detail }
      : null,
    vault: { lock: mood === 'locked' ? locked : null },
    policies: policies.map(({ name, version }) => ({ name, version })),
    lists: { directory: lists.directory.length, deny: lists.deny.length, allow: lists.allow.length },
    words: [],
    notice: '',
  }
}

function setPolicy(state: State, name: string, rules: Rules): PolicyView | undefined {
  const [safe] = startPolicies()
  const held = state.policies.find((policy) => policy.name === name)
  const words = [`names: ${rules.names}, text: ${rules.cloud?.text}`]
  const set = { ...safe, isDefault: false, ...held, ...rules, name, words, source: 'overlay' } as PolicyView
  state.policies = held ? state.policies.map((policy) => (policy === held ? set : policy)) : [...state.policies, set]
  return set
}

function look(text: string, { lists, mood }: State): Detected {
  const listed = lists.directory.flatMap(({ value, type }) =>
    placesOf(text, value).map((at) => ({ ...at, type, by: 'directory' })),
  )
  const denied = lists.deny.flatMap((entry) =>
    entry.kind === 'text' ? placesOf(text, entry.value).map((at) => ({ ...at, type: 'TERM', by: 'deny' })) : [],
  )
  const looked = known.flatMap(([type, by, pattern]) =>
    [...text.matchAll(pattern)].map(({ index, 0: value }) => ({ start: index, end: index + value.length, type, by })),
  )
  const hidden = [...text.matchAll(/\b[A-Za-z0-9+/]{16,}={0,2}/g)].flatMap(({ index, 0: run }) =>
    /^[\w.+-]+@[\w.-]+$/.test(decoded(run))
      ? [{ start: index, end: index + run.length, type: 'EMAIL', by: 'email', view: 'base64' }]
      : [],
  )
  const all = [...listed, ...denied, ...looked, ...hidden].toSorted((one, other) => one.start - other.start)
  const spans = all
    .filter(({ start }, place) => all.slice(0, place).every(({ end }) => end <= start))
    .map((each) => {
      const isSure = checked.has(each.type) || each.by === 'directory' || each.by === 'deny'
      const view = 'view' in each ? String(each.view) : 'raw'
      return {
        type: each.type,
        path: '',
        start: each.start,
        end: each.end,
        score: isSure ? 1 : 0.85,
        recogniser: each.by,
        view,
        is_validated: isSure,
        why: whyOf(each, { isSure, view }),
      }
    })
  const names = mood === 'reads' ? 'recogniser' : 'known-names'
  return { spans, stats: { by_type: {} }, policy: { name: 'default', version: 'c2f46f76ae27' }, names }
}

function whyOf({ by, type }: { readonly by: string; readonly type: string }, how: { isSure: boolean; view: string }) {
  const seen = how.view === 'raw' ? '' : `, seen inside ${how.view}`
  if (by === 'directory') return `It stands on the list of who and what belongs to this house${seen}.`
  if (by === 'deny') return `It stands on a list of what must never leave${seen}.`
  const sure = how.isSure ? 'what can be checked of it is right' : '85 % sure by its form'
  return `The recogniser ${by} knows it as ${type}: ${sure}${seen}.`
}

function placesOf(text: string, value: string) {
  const places: { start: number; end: number }[] = []
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1))
    places.push({ start: at, end: at + value.length })
  return places
}

function decoded(run: string): string {
  try {
    return atob(run)
  } catch {
    return ''
  }
}

function scrub(text: string, state: State) {
  const found = look(text, state)
  let output = ''
  let from = 0
  const spans = found.spans.map((span, place) => {
    const value = text.slice(span.start, span.end)
    const placeholder = `[${span.type}_${'7KQ2 3HB9 9W4T 0B0B 4C4C V21X CW09 G0N6'.split(' ')[place % 8]}]`
    state.values.set(placeholder, value)
    output += text.slice(from, span.start) + placeholder
    from = span.end
    return { ...span, placeholder }
  })
  return {
    output: output + text.slice(from),
    handle: 'm_0123456789abcdefghjkmnpqrs',
    scope: 'scope_tried',
    expires_at: hoursAgo(-1),
    stats: { by_type: {}, replaced: spans.length },
    spans,
    policy: found.policy,
    names: found.names,
    leak_check: 'passed',
    notice: '',
  }
}

function putBack(text: string, { values }: State) {
  const unresolved: string[] = []
  let replaced = 0
  const output = text.replace(/\[[A-Z_]+_[0-9A-Z]{4}\]/g, (placeholder) => {
    const value = values.get(placeholder)
    if (value === undefined) unresolved.push(placeholder)
    else replaced++
    return value ?? placeholder
  })
  return { output, replaced, unresolved }
}

interface LeakAsk {
  readonly cases: number
  readonly seed: number
  readonly tell: Tell
  readonly request: Request
}

/** A seed of 13 finds a fault, so that one can see what that looks like. */
async function leakTest({ cases, seed, tell, request }: LeakAsk): Promise<LeakReport> {
  for (let done = 0; done < cases && !request.signal.aborted; done += Math.max(1, Math.floor(cases / 20))) {
    tell('privacy.leak_test', { done, cases })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const claimed =
    seed === 13 ? [{ type: 'EMAIL', carrier: 'chat.tool-schema-default', mutation: 'percent', cases: 2 }] : []
  const listed = ['reversed', 'rot13', 'letters-spaced', 'digits-in-words', 'line-wrapped'].map((mutation, n) => ({
    type: n % 2 === 0 ? 'IBAN' : 'PERSON',
    carrier: n % 2 === 0 ? 'chat.tool-arguments-within-json' : 'messages.tool-use-nested',
    mutation,
    cases: 5 - n,
  }))
  return {
    seed,
    cases,
    passed: claimed.length === 0,
    startedAt: hoursAgo(0),
    durationMs: cases * 7,
    policy: { name: 'default', version: 'c2f46f76ae27' },
    byType: { EMAIL: 210, PERSON: 140, IBAN: 90, SECRET: 60 },
    byCarrier: { 'chat.content': 200, 'messages.tool-result': 180, 'responses.input': 120 },
    byMutation: { none: 160, 'zero-width': 90, percent: 80, base64: 70, reversed: 60, rot13: 40 },
    sent: Math.round(cases * 0.96),
    refused: cases - Math.round(cases * 0.96),
    restored: Math.round(cases * 0.45),
    claimed,
    listed,
    digest: '2be162fa359ef6cb1f59b4fa87476d36d8a0bf6a221cf8bfd67d20a86865a732',
  }
}
