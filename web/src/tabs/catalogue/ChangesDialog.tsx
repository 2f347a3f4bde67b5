import { type ReactNode, useState } from 'react'
import type { CatalogueChanges } from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Fact, Facts } from '../../design/Facts.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { priceTold } from './catalogue-words.ts'

const words = strings.catalogue.changes
const firstShown = 40

interface ChangesDialogProps {
  changes: CatalogueChanges
  isTaking: boolean
  error: unknown
  onTake(): void
  onClose(): void
}

/** What another catalogue would change, the dangerous first; where it changes nothing there is nothing to take. */
export function ChangesDialog({ changes, isTaking, error, onTake, onClose }: ChangesDialogProps) {
  const isSame = Object.values(changes.counts).every((count) => count === 0)
  const leadsElsewhere = changes.moved.length > 0
  const footer = isSame ? (
    <Button onClick={onClose}>{strings.close}</Button>
  ) : (
    <>
      <Button onClick={onClose}>{words.keep}</Button>
      <Button look={leadsElsewhere ? 'grave' : 'main'} isBusy={isTaking} onClick={onTake}>
        {isTaking ? words.taking : words.take}
      </Button>
    </>
  )
  return (
    <Dialog title={isSame ? words.same : words.title} onClose={onClose} isWide footer={footer}>
      <div className="flex flex-col gap-4">
        <p className="wrap-anywhere">
          {words.from(changes.from, number(changes.models), number(changes.providers), changes.asOf)}
        </p>
        {isSame && <p>{words.sameLead}</p>}
        {Boolean(error) && (
          <Notice tone="failed" isLive>
            {wordsOf(error)}
          </Notice>
        )}
        <Changes changes={changes} />
      </div>
    </Dialog>
  )
}

function Changes({ changes }: { changes: CatalogueChanges }) {
  const { counts, moved, repriced } = changes
  const named = ['newProviders', 'goneProviders', 'newModels', 'goneModels', 'changedModels'] as const
  return (
    <>
      {moved.length > 0 && (
        <Notice tone="failed">
          <p className="pb-2 font-semibold">{words.movedLead}</p>
          <Rows all={counts['moved'] ?? moved.length} rows={moved}>
            {({ provider, before, after }) => (
              <BeforeAfter key={provider} name={provider} before={before} after={after} />
            )}
          </Rows>
        </Notice>
      )}
      <Part title={words.repriced} all={counts['repriced'] ?? repriced.length} isOpen>
        <Rows all={counts['repriced'] ?? repriced.length} rows={repriced}>
          {({ model, before, after }) => (
            <BeforeAfter key={model} name={model} before={priceTold(before)} after={priceTold(after)} />
          )}
        </Rows>
      </Part>
      {named.map((name) => (
        <Part key={name} title={words[name]} all={counts[name] ?? changes[name].length}>
          <Rows all={counts[name] ?? changes[name].length} rows={changes[name]}>
            {nameRow}
          </Rows>
        </Part>
      ))}
      <Part title={words.leftOut} all={changes.leftOut.length}>
        <Rows all={changes.leftOut.length} rows={changes.leftOut}>
          {nameRow}
        </Rows>
      </Part>
    </>
  )
}

const nameRow = (name: string): ReactNode => (
  <li key={name} className="font-mono text-xs wrap-anywhere">
    {name}
  </li>
)

/** Nothing where there is nothing of it. */
function Part({ title, all, isOpen, children }: { title: string; all: number; isOpen?: boolean; children: ReactNode }) {
  if (all === 0) return null
  return (
    <details open={isOpen} className="rounded-md border border-line">
      <summary className="touch flex items-center justify-between gap-3 px-4 font-semibold">
        {words.count(title, number(all))}
      </summary>
      <div className="px-4 pb-3">{children}</div>
    </details>
  )
}

interface RowsProps<Row> {
  /** How many there are; the house lists no more than a thousand of one kind. */
  all: number
  rows: readonly Row[]
  children(row: Row): ReactNode
}

function Rows<Row>({ all, rows, children }: RowsProps<Row>) {
  const [limit, setLimit] = useState(firstShown)
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-col gap-2">{rows.slice(0, limit).map(children)}</ul>
      {rows.length > limit && (
        <Button className="self-start" onClick={() => setLimit(limit * 5)}>
          {words.more(number(rows.length - limit))}
        </Button>
      )}
      {rows.length <= limit && all > rows.length && (
        <p className="text-sm text-soft">{words.notListed(number(all - rows.length))}</p>
      )}
    </div>
  )
}

function BeforeAfter({ name, before, after }: { name: string; before: string; after: string }) {
  return (
    <li className="text-sm">
      <p className="font-mono text-xs font-semibold wrap-anywhere">{name}</p>
      <Facts>
        <Fact name={words.before}>{before}</Fact>
        <Fact name={words.after}>{after}</Fact>
      </Facts>
    </li>
  )
}
