import type { ReactNode } from 'react'
import type { KeyView } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { strings } from '../../strings.ts'
import { ago, moment } from '../../text/format.ts'
import { type KeyState, limitsOf, lineOf, stateOf } from './key-state.ts'

const words = strings.keys

const looks: Readonly<Record<KeyState, string>> = {
  active: 'text-moss',
  expired: 'text-ochre',
  revoked: 'text-soft',
}

const factsLook = 'grid grid-cols-[5rem_1fr] content-start gap-x-4 gap-y-0.5'

interface KeyRowProps {
  view: KeyView
  now: number
  isYours: boolean
  onRotate(): void
  onRevoke(): void
}

export function KeyRow({ view, now, isYours, onRotate, onRevoke }: KeyRowProps) {
  const state = stateOf(view, now)
  const line = lineOf(view.limits)
  const isInGrace = view.previousSecretUntil !== null && Date.parse(view.previousSecretUntil) > now
  return (
    <li className="flex flex-col gap-3 px-4 py-4 md:px-6 lg:flex-row lg:items-start lg:justify-between lg:gap-6">
      <div className="min-w-0 flex-1">
        <h2 className="flex flex-wrap items-baseline gap-x-2.5 text-lg font-semibold">
          {view.name}
          <span className={`font-sans text-sm font-semibold ${looks[state]}`}>{words[state]}</span>
          {isYours && (
            <span className="rounded-sm bg-slate-tint px-2 font-sans text-sm font-normal">{words.yours}</span>
          )}
        </h2>
        <p className="font-mono text-xs text-soft">{view.id}</p>
        {isInGrace && view.previousSecretUntil && (
          <p className="mt-1 text-sm text-ochre">{words.grace(moment(view.previousSecretUntil))}</p>
        )}
        <div className="mt-2 grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-2">
          <dl className={factsLook}>
            <Fact name={words.may}>{view.scopes.map((scope) => strings.scopes[scope].name).join(', ')}</Fact>
            <Fact name={words.models}>{view.models === null ? words.allModels : view.models.join(', ')}</Fact>
            <Fact name={words.limits}>{limitsOf(view.limits)}</Fact>
            {line !== null && <Fact name={words.line}>{line}</Fact>}
          </dl>
          <dl className={factsLook}>
            <Fact name={words.created}>{moment(view.createdAt)}</Fact>
            <Fact name={words.lastUsed}>{view.lastUsedAt === null ? words.never : ago(view.lastUsedAt, now)}</Fact>
            <Fact name={words.expires}>{view.expiresAt === null ? words.expiresNever : moment(view.expiresAt)}</Fact>
          </dl>
        </div>
      </div>
      {state !== 'revoked' && (
        <div className="flex gap-2 max-sm:[&>*]:flex-1" role="group" aria-label={words.actionsOf(view.name)}>
          {state === 'active' && <Button onClick={onRotate}>{words.rotate}</Button>}
          <Button look="danger" onClick={onRevoke}>
            {words.revoke}
          </Button>
        </div>
      )}
    </li>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}
