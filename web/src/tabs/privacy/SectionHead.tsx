import type { ReactNode } from 'react'

/** What a part of the tab is, and its main deed beside it. */
export function SectionHead({ title, lead, action }: { title: string; lead: string; action?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <h2 className="text-xl font-semibold">{title}</h2>
        <p className="max-w-prose text-soft">{lead}</p>
      </div>
      {action}
    </div>
  )
}
