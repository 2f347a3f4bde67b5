import type { Caller, Cell } from '#kernel/words.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/privacy.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import type { HouseLists, ListEntry, NameRecogniser, PrivacyPolicy, PrivacySettings, Vault } from '../contract.ts'
import { policyWords } from '../core/telling/policy-words.ts'
import { policyVersion } from '../service/desk.ts'

/** Writes down who changed what; values are never in it. */
export type Recorder = (entry: {
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from: string
}) => void

export interface HouseParts {
  readonly settings: Cell<PrivacySettings>
  readonly cloudText: () => 'scrub' | 'deny' | 'raw'
  /** Settings of policies that people make at run time. */
  readonly policies: {
    /** Rejects AppError `invalid`, or `conflict` for one of hearth.yaml. */
    set(name: string, rules: wire.PolicyRules): Promise<void>
    sourceOf(name: string): 'default' | 'file' | 'overlay'
  }
  readonly lists: ListKeeper
  /** null: none is configured. */
  readonly recogniser: () => NameRecogniser | null
  readonly vault: Pick<Vault, 'lock'>
  readonly leakTest: LeakTester
  readonly record: Recorder
}

export interface ListKeeper {
  readonly current: { readonly version: number; readonly lists: HouseLists; readonly automatic: readonly ListEntry[] }
  put(lists: HouseLists, by: { readonly caller: Caller; readonly from: string }): Promise<void>
}

export interface LeakTester {
  /** One at a time: rejects `busy` otherwise. `seed: null` = a new one. */
  run(ask: {
    readonly cases: number
    readonly seed: number | null
    readonly signal: AbortSignal
  }): Promise<wire.LeakReport>
}

const tag = 'privacy'

/** How this house keeps what is its own: rules, lists, and the proof. */
export function houseRoutes(parts: HouseParts): readonly AnyRoute[] {
  return [...policyRoutes(parts), ...listRoutes(parts), status(parts), leakTest(parts)]
}

function policyRoutes(parts: HouseParts): readonly AnyRoute[] {
  const { settings, policies, record } = parts
  const view = (policy: PrivacyPolicy): wire.PolicyView => viewOf(policy, parts)
  return [
    route({
      tag,
      scope: 'inference',
      method: 'GET',
      path: '/v1/privacy/policies',
      summary: 'Every policy with what it does in sentences; the first one is for clouds that name none',
      responses: { 200: wire.policyList },
      handle: () => ({ data: settings.value.policies.map(view) }),
    }),
    route({
      tag,
      scope: 'admin',
      method: 'PUT',
      path: '/v1/privacy/policies/{name}',
      summary: 'Make or change a policy; what is not said has its safe value. Those of hearth.yaml are changed there.',
      params: wire.policyPath,
      body: wire.policyRules,
      responses: { 200: wire.policyView, 400: errorEnvelope, 409: errorEnvelope },
      async handle({ params: { name }, body, caller, from }) {
        await policies.set(name, body)
        record({ who: caller.key, action: 'privacy.policy', target: name, detail: JSON.stringify(body), from })
        const set = settings.value.policies.find((policy) => policy.name === name)
        return set && view(set)
      },
    }),
  ]
}

function viewOf(policy: PrivacyPolicy, { settings, policies }: HouseParts): wire.PolicyView {
  const { value } = settings
  const first = value.policies[0]?.name ?? ''
  const { name, names, cloud, pass, urls, restoreSecrets, hint, minScore } = policy
  const { text, transcript, audio, image, file } = cloud
  return {
    name,
    version: policyVersion(policy),
    isDefault: name === first,
    source: policies.sourceOf(name),
    upstreams: [...value.upstreamPolicies].flatMap(([upstream, chosen]) => (chosen === name ? [upstream] : [])),
    words: [...policyWords(policy, { hasRecogniser: value.recogniser !== null })],
    names,
    cloud: { text, transcript, audio, image, file },
    pass: [...pass],
    urls,
    restoreSecrets,
    hint,
    minScore,
  }
}

function listRoutes({ lists, record }: HouseParts): readonly AnyRoute[] {
  const view = (): wire.ListsView => {
    const { version, lists: held, automatic } = lists.current
    return {
      version,
      directory: held.directory.map((entry) => ({ ...entry })),
      deny: held.deny.map((entry) => ({ ...entry })),
      allow: [...held.allow],
      automatic: automatic.map((entry) => ({ ...entry })),
    }
  }
  return [
    route({
      tag,
      scope: 'admin',
      method: 'GET',
      path: '/v1/privacy/lists',
      summary: 'Who and what belongs to this house, what must never leave it, and what is left alone',
      responses: { 200: wire.listsView },
      handle: view,
    }),
    route({
      tag,
      scope: 'admin',
      method: 'PUT',
      path: '/v1/privacy/lists',
      summary: 'Replace the lists that are given; the others stay',
      body: wire.listsAsk,
      maxBodyBytes: 16 * 1024 * 1024,
      responses: { 200: wire.listsView, 400: errorEnvelope },
      async handle({ body, caller, from }) {
        const held = lists.current.lists
        const { directory = held.directory, deny = held.deny, allow = held.allow } = body
        await lists.put({ directory, deny, allow }, { caller, from })
        const detail = `directory: ${directory.length}, deny: ${deny.length}, allow: ${allow.length}`
        record({ who: caller.key, action: 'privacy.lists', target: 'lists', detail, from })
        return view()
      },
    }),
  ]
}

/** How long the status waits for the recogniser. */
const probeMs = 3000

function status(parts: HouseParts): AnyRoute {
  const { settings, cloudText, lists, vault } = parts
  return route({
    tag,
    scope: 'inference',
    method: 'GET',
    path: '/v1/privacy/status',
    summary: 'Whether identifiers and names are found, and whether anything can leave at all',
    responses: { 200: wire.privacyStatus },
    async handle(): Promise<wire.PrivacyStatus> {
      const { value } = settings
      const { directory, deny, allow } = lists.current.lists
      const first = value.policies[0]
      const recogniser = await recogniserView(parts)
      return {
        cloudText: cloudText(),
        names: value.recogniser === null ? 'known-names' : 'recogniser',
        recogniser,
        vault: { lock: vault.lock },
        policies: value.policies.map((policy) => ({ name: policy.name, version: policyVersion(policy) })),
        lists: { directory: directory.length, deny: deny.length, allow: allow.length },
        words: [
          cloudWords[cloudText()],
          ...(first && cloudText() === 'scrub' ? policyWords(first, { hasRecogniser: value.recogniser !== null }) : []),
          ...(vault.lock === null ? [] : [`Nothing may leave for clouds: ${vault.lock}`]),
          ...(recogniser?.isReachable === false
            ? ['The recogniser of names does not answer: nothing may leave for clouds until it does.']
            : []),
        ],
        notice: wire.privacyNotice,
      }
    },
  })
}

const cloudWords = {
  scrub: 'What leaves for clouds is what the policies allow.',
  deny: 'No text leaves for clouds (egress.cloudText is deny).',
  raw: 'Text leaves for clouds as it is, whatever a policy says (egress.cloudText is raw).',
} as const

async function recogniserView({ settings, recogniser }: HouseParts): Promise<wire.PrivacyStatus['recogniser']> {
  const configured = settings.value.recogniser
  const asked = recogniser()
  if (configured === null || asked === null) return null
  const { kind, url, language } = configured
  const detail = await asked.recognise(['Who is there?'], AbortSignal.timeout(probeMs)).then(
    () => null,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : 'It does not answer.'),
  )
  return { kind, url, language, isReachable: detail === null, detail }
}

function leakTest({ leakTest: tester, record }: HouseParts): AnyRoute {
  return route({
    tag,
    scope: 'admin',
    method: 'POST',
    path: '/v1/privacy/leak-test',
    summary: 'Send seeded canaries through the guard to a cloud of our own, and tell what arrived there',
    body: wire.leakTestAsk,
    responses: { 200: wire.leakReport, 503: errorEnvelope },
    async handle({ body, caller, from, request, keepOpen }) {
      keepOpen()
      const report = await tester.run({ cases: body.cases, seed: body.seed ?? null, signal: request.signal })
      const detail = `seed ${report.seed}, ${report.cases} cases, ${report.passed ? 'passed' : 'survivors'}`
      record({ who: caller.key, action: 'privacy.leak_test', target: 'guard', detail, from })
      return report
    },
  })
}
