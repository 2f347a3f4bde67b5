import type { KeyWish, Scope } from '../../api/types.ts'
import { strings } from '../../strings.ts'

/** The form as it is being filled in: texts, as people type them. */
export interface KeyForm {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly hasAllModels: boolean
  readonly models: string
  readonly limits: Readonly<Record<Amount, string>>
  /** Its turns in a line where others have one. */
  readonly weight: string
  /** Nobody waits for its answers: its requests are `batch`. */
  readonly isPatient: boolean
  readonly expiry: Expiry
}

export const amounts = ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const
export type Amount = (typeof amounts)[number]

/** The server takes no more. */
export const mostWeight = 100

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
  weight: '',
  isPatient: false,
  expiry: 'never',
}

export type Problems = Partial<Record<'name' | 'scopes' | 'models' | 'weight' | Amount, string>>

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
  const limits: Partial<Record<Amount | 'weight', number>> & { priority?: 'batch' } = {}
  for (const name of amounts) {
    const amount = readAmount(form.limits[name], Number.MAX_SAFE_INTEGER)
    if (amount === 'problem') problems[name] = strings.keyForm.wholeNumber
    else if (amount !== null) limits[name] = amount
  }
  const weight = readAmount(form.weight, mostWeight)
  if (weight === 'problem') problems.weight = strings.keyForm.weightRange(String(mostWeight))
  else if (weight !== null) limits.weight = weight
  if (form.isPatient) limits.priority = 'batch'
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

/** null: nothing was written. */
function readAmount(written: string, most: number): number | null | 'problem' {
  if (written.trim() === '') return null
  const amount = Number(written)
  return Number.isSafeInteger(amount) && amount > 0 && amount <= most ? amount : 'problem'
}
