import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Icon, type IconName } from './Icon.tsx'

/** `warm`: the main deed of a row among many rows; `grave`: the button that does what `danger` only opened. */
export type ButtonLook = 'main' | 'warm' | 'plain' | 'quiet' | 'danger' | 'grave'

const looks: Readonly<Record<ButtonLook, string>> = {
  main: 'bg-ember text-on-ember hover:bg-ember-strong',
  warm: 'border border-ember bg-raised text-ember hover:bg-ember-tint hover:text-ink',
  plain: 'border border-edge bg-raised text-ink hover:border-ink',
  quiet: 'text-ink hover:bg-sunken',
  danger: 'border border-edge bg-raised text-garnet hover:border-garnet hover:bg-garnet-tint',
  grave: 'bg-garnet text-on-garnet hover:opacity-90',
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook
  icon?: IconName
  isBusy?: boolean
  children?: ReactNode
}

/** A button that is busy stays where it is and says so; it cannot be pressed twice. */
export function Button({ look = 'plain', icon, isBusy = false, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={`touch inline-flex shrink-0 items-center justify-center gap-2 rounded-md px-4 py-2 font-medium
        whitespace-nowrap transition-colors
        disabled:opacity-55 ${looks[look]} ${className}`}
    >
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  )
}

/**
 * A button that shows only a drawing; its name is for those who do not see it, and for the pointer that rests on it.
 */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: { icon: IconName; label: string } & Omit<ButtonProps, 'icon'>) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`touch inline-flex shrink-0 items-center justify-center rounded-md disabled:opacity-55 ${className || 'text-ink hover:bg-sunken'}`}
    >
      <Icon name={icon} />
    </button>
  )
}
