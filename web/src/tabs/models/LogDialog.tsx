import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { apiText, modelPath } from '../../api/client.ts'
import { usePage } from '../../app/page-state.ts'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'

const tailLines = 200
const mostLines = 2_000

export function LogDialog({ id, onClose }: { id: string; onClose(): void }) {
  const { live } = usePage()
  const [added, setAdded] = useState<readonly string[]>([])
  const frame = useRef<HTMLPreElement>(null)
  const log = useQuery({
    queryKey: ['log', id],
    queryFn: ({ signal }) => apiText(`${modelPath(id)}/log?tail=${tailLines}`, { signal }),
    gcTime: 0,
  })
  useEffect(
    () =>
      live.listen((event) => {
        const told = event.data as { id?: unknown; line?: unknown } | null
        const { line } = told ?? {}
        if (event.type === 'model.log' && told?.id === id && typeof line === 'string') {
          setAdded((lines) => [...lines, line].slice(-mostLines))
        }
      }),
    [live, id],
  )
  const text = [log.data?.trimEnd() ?? '', ...added].filter((part) => part !== '').join('\n')
  useEffect(() => {
    const shown = frame.current
    if (shown) shown.scrollTop = shown.scrollHeight
  }, [text])
  return (
    <Dialog title={strings.log.title(id)} onClose={onClose} isWide footer={<CopyButton text={text} />}>
      {log.isPending ? (
        <Skeletons rows={3} height="h-6" />
      ) : log.isError ? (
        <ReadFailure what={strings.log.title(id)} error={log.error} onRetry={() => void log.refetch()} />
      ) : text === '' ? (
        <p className="py-6 text-center text-soft">{strings.log.empty}</p>
      ) : (
        <>
          <pre
            ref={frame}
            tabIndex={0}
            role="region"
            aria-label={strings.log.region}
            className="max-h-[60dvh] overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap"
          >
            {text}
          </pre>
          <p className="mt-2 text-sm text-soft">{strings.log.follow}</p>
        </>
      )}
    </Dialog>
  )
}
