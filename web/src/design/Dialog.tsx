import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { strings } from '../strings.ts'
import { IconButton } from './Button.tsx'

interface DialogProps {
  title: string
  /** Asked to close: Escape, the cross, the backdrop. */
  onClose(): void
  children: ReactNode
  /** Buttons at its foot, the main one last. */
  footer?: ReactNode
  /** `side`: a drawer at the right on wide screens. */
  place?: 'middle' | 'side'
  isWide?: boolean
  /** A secret that is shown once must not vanish by a stray click. */
  isSticky?: boolean
}

/** A modal dialog of the browser's own kind: focus stays inside, Escape closes, what is behind is inert. */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  place = 'middle',
  isWide = false,
  isSticky = false,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  // Closed while it is still there: the browser then gives the focus back to what opened it.
  useLayoutEffect(() => {
    const shown = dialog.current
    if (shown && !shown.open) shown.showModal()
    return () => shown?.close()
  }, [])
  const placing =
    place === 'side'
      ? `m-0 ml-auto h-dvh max-h-none w-full max-sm:max-w-none sm:rounded-l-lg ${isWide ? 'sm:max-w-2xl' : 'sm:max-w-md'}`
      : `m-auto max-sm:mb-0 max-h-[92dvh] w-full ${isWide ? 'sm:max-w-3xl' : 'sm:max-w-lg'} max-sm:max-w-none rounded-t-lg sm:rounded-lg`
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className={`rise-in flex-col overflow-hidden border border-line bg-panel p-0 shadow-lift open:flex ${placing}`}
      onCancel={(event) => {
        event.preventDefault()
        if (!isSticky) onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current && !isSticky) onClose()
      }}
    >
      <header className="flex items-center justify-between gap-3 border-b border-line py-2 pr-2 pl-5">
        <h2 id={titleId} className="py-1 text-lg font-semibold">
          {title}
        </h2>
        {!isSticky && <IconButton icon="cross" label={strings.close} onClick={onClose} />}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
      {footer && (
        <footer className="flex flex-wrap justify-end gap-3 border-t border-line px-5 py-3 max-sm:flex-col-reverse">
          {footer}
        </footer>
      )}
    </dialog>
  )
}
