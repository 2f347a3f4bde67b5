import { useMutation } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import type { PullView } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { Progress } from '../../design/Progress.tsx'
import { strings } from '../../strings.ts'
import { bytes, duration, percent } from '../../text/format.ts'

const words = strings.get

interface PullRowProps {
  pull: PullView
  mayOperate: boolean
  onHide(): void
  onRetry(): void
}

export function PullRow({ pull, mayOperate, onHide, onRetry }: PullRowProps) {
  const cancel = useMutation({
    mutationFn: () => api(`/api/pulls/${encodeURIComponent(pull.id)}`, { method: 'DELETE' }),
  })
  if (pull.state === 'failed') {
    return (
      <li>
        <Notice
          tone="failed"
          action={
            <span className="flex gap-2">
              <Button look="quiet" onClick={onHide}>
                {words.dismiss}
              </Button>
              <Button icon="refresh" disabled={!mayOperate} onClick={onRetry}>
                {strings.retry}
              </Button>
            </span>
          }
        >
          <p className="font-semibold">
            {words.state.failed}: {pull.ref}
          </p>
          <p className="text-sm">{pull.failure}</p>
          <p className="text-sm">{words.kept}</p>
        </Notice>
      </li>
    )
  }
  const share = pull.totalBytes ? pull.doneBytes / pull.totalBytes : null
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-panel p-4">
      <div className="flex items-center justify-between gap-4">
        <div className="min-w-0">
          <h3 className="font-semibold">{pull.ref}</h3>
          <p className="text-sm">
            {words.state[pull.state]}
            {share !== null && ` ${percent(share)}`}
          </p>
        </div>
        {pull.state !== 'verifying' && (
          <Button
            disabled={!mayOperate}
            isBusy={cancel.isPending}
            aria-label={words.cancelOf(pull.ref)}
            onClick={() => cancel.mutate()}
          >
            {words.cancelPull}
          </Button>
        )}
      </div>
      <Progress label={`${pull.ref}: ${words.state[pull.state]}`} share={pull.state === 'verifying' ? null : share} />
      <p className="text-sm text-soft">{figuresOf(pull).join(' · ')}</p>
      {cancel.error && <p className="text-sm text-garnet">{wordsOf(cancel.error)}</p>}
    </li>
  )
}

function figuresOf(pull: PullView): readonly string[] {
  const done =
    pull.totalBytes === null
      ? bytes(pull.doneBytes)
      : strings.models.ofTotal(bytes(pull.doneBytes), bytes(pull.totalBytes))
  const said = [done]
  if (pull.state !== 'running') return said
  if (pull.bytesPerSecond !== null) said.push(strings.models.speed(bytes(pull.bytesPerSecond)))
  said.push(pull.etaSeconds === null ? strings.models.etaUnknown : strings.models.eta(duration(pull.etaSeconds * 1000)))
  return said
}
