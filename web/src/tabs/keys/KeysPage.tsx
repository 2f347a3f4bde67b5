import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { IssuedKey, KeyView } from '../../api/types.ts'
import { useSession } from '../../app/page-state.ts'
import { Button } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { CreateKeyDialog } from './CreateKeyDialog.tsx'
import { IssuedDialog } from './IssuedDialog.tsx'
import { RevokeDialog, RotateDialog } from './KeyDeeds.tsx'
import { KeyRow } from './KeyRow.tsx'
import { sortKeys, stateOf } from './key-state.ts'

const words = strings.keys
/** Ages are told in words; a minute's grain is fine enough. */
const tickMs = 60_000
const filterFrom = 8

type Open =
  | { readonly kind: 'create' }
  | { readonly kind: 'issued'; readonly issued: IssuedKey; readonly isRotated: boolean }
  | { readonly kind: 'rotate' | 'revoke'; readonly subject: KeyView }

export function KeysPage() {
  const client = useQueryClient()
  const keys = useQuery(queries.keys)
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  const note = (key: KeyView) => {
    client.setQueryData(queries.keys.queryKey, (list) => [
      ...(list ?? []).filter((entry) => entry.id !== key.id),
      withoutSecret(key),
    ])
  }
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-5 p-4 md:p-10">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h1 className="text-2xl font-semibold">{words.title}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        <Button look="main" icon="plus" onClick={() => setOpen({ kind: 'create' })}>
          {words.create}
        </Button>
      </div>
      {keys.isPending ? (
        <Skeletons rows={3} height="h-32" />
      ) : keys.isError ? (
        <ReadFailure what={words.title} error={keys.error} onRetry={() => void keys.refetch()} />
      ) : (
        <KeyList keys={keys.data} onOpen={setOpen} />
      )}
      {open?.kind === 'create' && (
        <CreateKeyDialog
          onClose={close}
          onIssued={(issued) => {
            note(issued)
            setOpen({ kind: 'issued', issued, isRotated: false })
          }}
        />
      )}
      {open?.kind === 'issued' && <IssuedDialog issued={open.issued} isRotated={open.isRotated} onClose={close} />}
      {open?.kind === 'rotate' && (
        <RotateDialog
          subject={open.subject}
          onClose={close}
          onDone={(issued) => {
            note(issued)
            setOpen({ kind: 'issued', issued, isRotated: true })
          }}
        />
      )}
      {open?.kind === 'revoke' && (
        <RevokeDialog
          subject={open.subject}
          onClose={close}
          onDone={(key) => {
            note(key)
            close()
          }}
        />
      )}
    </div>
  )
}

function KeyList({ keys, onOpen }: { keys: readonly KeyView[]; onOpen(open: Open): void }) {
  const session = useSession()
  const now = useNow()
  const [showsEnded, setShowsEnded] = useState(false)
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const sorted = sortKeys(keys).filter((key) => `${key.name.toLowerCase()} ${key.id}`.includes(wanted))
  const ended = sorted.filter((key) => stateOf(key, now) !== 'active')
  const active = sorted.filter((key) => stateOf(key, now) === 'active')
  if (keys.length === 0) return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
  return (
    <>
      {keys.length >= filterFrom && (
        <TextField
          label={words.filter}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {sorted.length === 0 && <p className="py-6 text-center text-soft">{words.noMatch(filter)}</p>}
      <ul className="divide-y divide-line rounded-lg border border-line bg-panel empty:hidden" aria-label={words.title}>
        {[...active, ...(showsEnded ? ended : [])].map((key) => (
          <KeyRow
            key={key.id}
            view={key}
            now={now}
            isYours={key.id === session.key}
            onRotate={() => onOpen({ kind: 'rotate', subject: key })}
            onRevoke={() => onOpen({ kind: 'revoke', subject: key })}
          />
        ))}
      </ul>
      {ended.length > 0 && (
        <Button className="self-start" aria-expanded={showsEnded} onClick={() => setShowsEnded(!showsEnded)}>
          {showsEnded ? words.hideEnded : words.showEnded(ended.length)}
        </Button>
      )}
    </>
  )
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** The secret goes into the one dialog that shows it, never into the cache of the list. */
function withoutSecret(key: KeyView): KeyView {
  const { key: _secret, ...rest } = key as Partial<IssuedKey> & KeyView
  return rest
}
