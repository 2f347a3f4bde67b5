import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import type { IssuedKey, KeyView } from '../../api/types.ts'
import { useSession } from '../../app/page-state.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { SelectField } from '../../design/Field.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'

const graceSeconds = { none: 0, hour: 3600, day: 86_400, week: 604_800 } as const
type Grace = keyof typeof graceSeconds

interface DeedProps<T> {
  subject: KeyView
  onClose(): void
  onDone(key: T): void
}

export function RotateDialog({ subject, onClose, onDone }: DeedProps<IssuedKey>) {
  const [grace, setGrace] = useState<Grace>('hour')
  const rotate = useMutation({
    mutationFn: () =>
      api<IssuedKey>(`/api/keys/${subject.id}/rotate`, { method: 'POST', body: { graceSeconds: graceSeconds[grace] } }),
    onSuccess: onDone,
  })
  return (
    <Dialog
      title={strings.rotate.title(subject.name)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button look="main" isBusy={rotate.isPending} onClick={() => rotate.mutate()}>
            {strings.rotate.submit}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>{strings.rotate.body}</p>
        <SelectField
          label={strings.rotate.grace}
          value={grace}
          onChange={(event) => setGrace(event.target.value as Grace)}
        >
          {Object.entries(strings.rotate.graceOptions).map(([option, label]) => (
            <option key={option} value={option}>
              {label}
            </option>
          ))}
        </SelectField>
        <Failure error={rotate.error} />
      </div>
    </Dialog>
  )
}

export function RevokeDialog({ subject, onClose, onDone }: DeedProps<KeyView>) {
  const session = useSession()
  const revoke = useMutation({
    mutationFn: () => api<KeyView>(`/api/keys/${subject.id}`, { method: 'DELETE' }),
    onSuccess: onDone,
  })
  return (
    <Dialog
      title={strings.revoke.title(subject.name)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button look="grave" isBusy={revoke.isPending} onClick={() => revoke.mutate()}>
            {strings.revoke.submit}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {strings.revoke.effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
        {subject.id === session.key && <Notice tone="watch">{strings.revoke.self}</Notice>}
        <Failure error={revoke.error} />
      </div>
    </Dialog>
  )
}

function Failure({ error }: { error: unknown }) {
  if (!error) return null
  return (
    <Notice tone="failed" isLive>
      {wordsOf(error)}
    </Notice>
  )
}
