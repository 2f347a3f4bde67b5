import type { PolicyView, Rules } from '../../api/privacy.ts'
import { strings } from '../../strings.ts'

const words = strings.privacy.edit

export type DataClass = keyof PolicyView['cloud']
export const dataClasses = ['text', 'transcript', 'audio', 'image', 'file'] as const satisfies readonly DataClass[]
export type Ruling = PolicyView['cloud']['text']
export const rulings: Readonly<Record<DataClass, readonly Ruling[]>> = {
  text: ['scrub', 'refuse', 'raw'],
  transcript: ['refuse', 'scrub', 'raw'],
  audio: ['refuse', 'raw'],
  image: ['refuse', 'raw'],
  file: ['refuse', 'raw'],
}

/** What a policy says, all of it. */
export type PolicyRules = Pick<PolicyView, 'names' | 'cloud' | 'pass' | 'urls' | 'restoreSecrets' | 'hint' | 'minScore'>

/** A policy while somebody changes it: numbers are what was typed. */
export interface PolicyForm extends Omit<PolicyRules, 'minScore' | 'cloud'> {
  readonly name: string
  readonly cloud: Readonly<Record<DataClass, Ruling>>
  readonly minScore: string
}

/** What a policy is that says nothing. */
export const safeRules: PolicyRules = {
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}

export function formOf(policy: (PolicyRules & { readonly name: string }) | null): PolicyForm {
  const { names, cloud, pass, urls, restoreSecrets, hint, minScore } = policy ?? safeRules
  const { text, transcript, audio, image, file } = cloud
  return {
    name: policy?.name ?? '',
    names,
    cloud: { text, transcript, audio, image, file },
    pass: [...pass],
    urls,
    restoreSecrets,
    hint,
    minScore: String(minScore),
  }
}

export type Problems = { readonly [Name in 'name' | 'minScore']?: string }

/** `taken`: names that a new policy may not have; null: the name stays what it is. */
export function readPolicyForm(
  form: PolicyForm,
  taken: readonly string[] | null,
): { readonly problems: Problems } | { readonly rules: PolicyRules } {
  const minScore = Number(form.minScore.replace(',', '.'))
  const isScore = form.minScore.trim() !== '' && minScore >= 0 && minScore <= 1
  const nameProblem = taken === null ? null : problemOfName(form.name.trim(), taken)
  if (!isScore || nameProblem !== null)
    return {
      problems: {
        ...(nameProblem === null ? {} : { name: nameProblem }),
        ...(isScore ? {} : { minScore: words.scoreInvalid }),
      },
    }
  const { names, cloud, pass, urls, restoreSecrets, hint } = form
  return {
    rules: { names, cloud: cloud as PolicyRules['cloud'], pass: [...pass], urls, restoreSecrets, hint, minScore },
  }
}

function problemOfName(name: string, taken: readonly string[]): string | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return words.nameInvalid
  return taken.includes(name) ? words.nameTaken : null
}

/** All of a policy is said: what is left out would fall back to what is safe, not to what it was. */
export function wireRules(rules: PolicyRules): Rules {
  const { names, cloud, pass, urls, restoreSecrets, hint, minScore } = rules
  // What came from the house has types that it knows.
  return { names, cloud, pass: [...pass] as NonNullable<Rules['pass']>, urls, restoreSecrets, hint, minScore }
}
