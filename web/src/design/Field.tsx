import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { strings } from '../strings.ts'

const box = 'touch w-full rounded-md border bg-raised px-3 py-2 text-base text-ink placeholder:text-soft'

interface Around {
  label: string
  hint?: string
  problem?: string | null
  isOptional?: boolean
}

interface Wiring {
  id: string
  'aria-describedby': string
  'aria-invalid': boolean
  className: string
}

/** Label above, help below, the problem in place of the help: all tied to the control for those who hear the page. */
function Labelled({
  label,
  hint,
  problem,
  isOptional,
  children,
}: Around & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId()
  const noteId = `${id}-note`
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
        {isOptional && <span className="font-normal text-soft"> ({strings.optional})</span>}
      </label>
      {children({
        id,
        'aria-describedby': noteId,
        'aria-invalid': Boolean(problem),
        className: `${box} ${problem ? 'border-garnet' : 'border-edge'}`,
      })}
      <p id={noteId} className={`text-sm ${problem ? 'text-garnet' : 'text-soft'}`} aria-live="polite">
        {problem ?? hint}
      </p>
    </div>
  )
}

export function TextField({
  label,
  hint,
  problem,
  isOptional,
  ...rest
}: Around & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Labelled {...around({ label, hint, problem, isOptional })}>{(wiring) => <input {...rest} {...wiring} />}</Labelled>
  )
}

export function AreaField({
  label,
  hint,
  problem,
  isOptional,
  isCode,
  ...rest
}: Around & { isCode?: boolean } & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Labelled {...around({ label, hint, problem, isOptional })}>
      {(wiring) => <textarea {...rest} {...wiring} className={`${wiring.className} ${isCode ? 'font-mono' : ''}`} />}
    </Labelled>
  )
}

export function SelectField({
  label,
  hint,
  problem,
  isOptional,
  ...rest
}: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Labelled {...around({ label, hint, problem, isOptional })}>
      {(wiring) => <select {...rest} {...wiring} />}
    </Labelled>
  )
}

interface ChoiceProps {
  type: 'checkbox' | 'radio'
  name: string
  label: string
  hint?: string
  checked: boolean
  onChange(isChecked: boolean): void
}

/** The whole line is the target. */
export function Choice({ type, name, label, hint, checked, onChange }: ChoiceProps) {
  return (
    <label className="touch flex items-start gap-3 rounded-md px-2 py-2.5 hover:bg-sunken">
      <input
        type={type}
        name={name}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-5 shrink-0 accent-ember"
      />
      <span>
        {label}
        {hint && <span className="block text-sm text-soft">{hint}</span>}
      </span>
    </label>
  )
}

export function ChoiceGroup({
  label,
  problem,
  children,
}: {
  label: string
  problem?: string | null
  children: ReactNode
}) {
  return (
    <fieldset className="flex flex-col">
      <legend className="pb-1 text-sm font-semibold">{label}</legend>
      {children}
      {problem && (
        <p className="px-2 text-sm text-garnet" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}

/** Absent members stay absent: a label without a hint has no empty hint. */
function around(given: { [Name in keyof Around]: Around[Name] | undefined }): Around {
  const { label = '', hint, problem, isOptional } = given
  return { label, ...(hint ? { hint } : {}), ...(problem ? { problem } : {}), ...(isOptional ? { isOptional } : {}) }
}
