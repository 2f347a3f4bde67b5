import { type ReactNode, useEffect, useRef } from 'react'

/** What appears because somebody asked for it is brought into the window, if it is not there. */
export function IntoView({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null)
  // Nothing is handed back: browsers begin to answer with a promise here.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={place} className="scroll-mt-20 scroll-mb-24">
      {children}
    </div>
  )
}
