import { useEffect, useState } from 'react'
import { strings } from '../strings.ts'
import { Button, type ButtonLook } from './Button.tsx'

interface CopyButtonProps {
  text: string
  /** What it copies, for those who do not see beside what it stands. */
  name?: string
  look?: ButtonLook
  className?: string
}

export function CopyButton({ text, name, look = 'plain', className = '' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), 2_500)
    return () => clearTimeout(timer)
  }, [outcome])
  return (
    <span className={`inline-flex shrink-0 flex-col ${className}`}>
      <Button
        look={look}
        {...(name && outcome === 'idle' ? { 'aria-label': name } : {})}
        icon={outcome === 'copied' ? 'check' : 'copy'}
        onClick={() => void copyText(text).then((isDone) => setOutcome(isDone ? 'copied' : 'failed'))}
      >
        {outcome === 'copied' ? strings.copied : strings.copy}
      </Button>
      <span role="status" className={outcome === 'failed' ? 'text-sm text-garnet' : 'sr-only'}>
        {outcome === 'failed' ? strings.copyFailed : outcome === 'copied' ? strings.copied : ''}
      </span>
    </span>
  )
}

/** Plain http from another machine has no clipboard API; the old way works there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByHand(text)
  }
}

function copyByHand(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.className = 'fixed top-0 opacity-0'
  // Inside an open dialog everything else is inert, and what is inert cannot be selected.
  const host = document.querySelector('dialog[open]') ?? document.body
  host.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
  }
}
