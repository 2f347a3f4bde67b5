import type { PrivacyPolicy } from '../../contract.ts'

/** What a policy does, as a person would say it: one sentence for each choice that matters. */
export function policyWords(policy: PrivacyPolicy, options: { readonly hasRecogniser: boolean }): readonly string[] {
  const { cloud } = policy
  const stays = others.filter((data) => cloud[data] === 'refuse')
  const raw = others.filter((data) => cloud[data] === 'raw')
  // Where nobody looks for names some policies keep the text: then it does not leave with anything replaced.
  const isKept = !options.hasRecogniser && policy.names !== 'known-names'
  return [
    ...(cloud.text === 'scrub' && isKept ? [] : [textWords[cloud.text]]),
    ...(cloud.text === 'scrub' ? [nameWords(policy, options.hasRecogniser)] : []),
    ...(stays.length === 0 ? [] : [`${list(stays)} ${stays.length === 1 ? 'stays' : 'stay'} in the house.`]),
    ...(cloud.transcript === 'scrub' ? ['A transcript leaves with identifiers replaced.'] : []),
    ...(raw.length === 0 ? [] : [`${list(raw)} may leave as they are.`]),
    ...(policy.pass.length === 0 ? [] : [`These types are left as they are: ${policy.pass.join(', ')}.`]),
    ...(policy.urls === 'all' ? ['Every web address is replaced.'] : []),
    secretWords[policy.restoreSecrets],
  ]
}

const others = ['transcript', 'audio', 'image', 'file'] as const

const things = { transcript: 'transcripts', audio: 'recordings', image: 'images', file: 'files' } as const

const textWords: Readonly<Record<PrivacyPolicy['cloud']['text'], string>> = {
  scrub: 'Text leaves with identifiers replaced, and they are put back into the answer.',
  raw: 'Text leaves as it is.',
  refuse: 'Text stays in the house.',
}

const secretWords: Readonly<Record<PrivacyPolicy['restoreSecrets'], string>> = {
  never: 'Keys and passwords are never put back.',
  tools: 'Keys and passwords are put back into arguments of tools only.',
  always: 'Keys and passwords are put back everywhere.',
}

function nameWords({ names }: PrivacyPolicy, hasRecogniser: boolean): string {
  if (hasRecogniser) return 'Names are found by a recogniser and by the lists of the house.'
  return {
    'known-names': 'Only names that the house knows are found; others leave as they are.',
    'local-only': 'Text stays in the house, for no recogniser looks for names.',
    block: 'Text is refused, for no recogniser looks for names.',
  }[names]
}

function list(data: readonly (typeof others)[number][]): string {
  const words = data.map((each) => things[each])
  const last = words.at(-1) ?? ''
  const text = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}
