import type { KeyLimits, KeyWish, Scope } from '../../api/types.ts'
import { strings } from '../../strings.ts'

/** The form as it is being filled in: texts, as people type them. */
export interface KeyForm {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly hasAllModels: boolean
  readonly models: string
  readonly limits: Readonly<Record<keyof KeyLimits, string>>
  readonly expiry: Expiry
}

export const expiries = ['never', 'day', 'week', 'month', 'year'] as const
export type Expiry = (typeof expiries)[number]

const dayMs = 86_400_000
const expiryDays: Readonly<Record<Exclude<Expiry, 'never'>, number>> = { day: 1, week: 7, month: 30, year: 365 }

export const emptyForm: KeyForm = {
  name: '',
  scopes: ['inference'],
  hasAllModels: true,
  models: '',
  limits: { requestsPerMinute: '', tokensPerMinute: '', concurrency: '' },
  expiry: 'never',
}

export type Problems = Partial<Record<'name' | 'scopes' | 'models' | keyof KeyLimits, string>>

/** Everything that is wrong at once, or the wish as the server takes it. */
export function readForm(form: KeyForm, now: number): { readonly problems: Problems } | { readonly wish: KeyWish } {
  const problems: Problems = {}
  const models = form.models
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (form.name.trim() === '') problems.name = strings.keyForm.nameMissing
  if (form.scopes.length === 0) problems.scopes = strings.keyForm.scopesMissing
  if (!form.hasAllModels && models.length === 0) problems.models = strings.keyForm.modelsMissing
  const limits: Partial<Record<keyof KeyLimits, number>> = {}
  for (const name of ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const) {
    const given = form.limits[name].trim()
    if (given === '') continue
    const amount = Number(given)
    if (Number.isSafeInteger(amount) && amount > 0) limits[name] = amount
    else problems[name] = strings.keyForm.wholeNumber
  }
  if (Object.keys(problems).length > 0) return { problems }
  return {
    wish: {
      name: form.name.trim(),
      scopes: form.scopes,
      ...(form.hasAllModels ? {} : { models }),
      ...(Object.keys(limits).length > 0 ? { limits } : {}),
      ...(form.expiry === 'never' ? {} : { expiresAt: new Date(now + expiryDays[form.expiry] * dayMs).toISOString() }),
    },
  }
}
