import { useMutation } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { Button } from '../../design/Button.tsx'
import { wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { duration } from '../../text/format.ts'

const words = strings.routes

/** Asks a target by its own name for one token: a real request, counted like any other. */
export function TestCall({ name }: { name: string }) {
  const test = useMutation({
    mutationFn: async () => {
      const startedAt = performance.now()
      const messages = [{ role: 'user', content: 'Hi' }]
      await api('/v1/chat/completions', { method: 'POST', body: { model: name, messages, max_tokens: 1 } })
      return performance.now() - startedAt
    },
  })
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3">
      <p role="status" className={test.isIdle ? 'sr-only' : `text-sm ${test.isError ? 'text-garnet' : 'text-moss'}`}>
        {test.isSuccess && words.tested(duration(test.data))}
        {test.isError && wordsOf(test.error)}
      </p>
      <Button
        aria-label={words.testOf(name)}
        title={words.testNote}
        isBusy={test.isPending}
        onClick={() => test.mutate()}
      >
        {test.isPending ? words.testing : words.test}
      </Button>
    </div>
  )
}
