import { type FormEvent, useState } from 'react'
import { usePage } from '../../app/page-state.ts'
import { Button } from '../../design/Button.tsx'
import { AreaField } from '../../design/Field.tsx'
import { strings } from '../../strings.ts'
import type { Side, ToolCall } from './conversation.ts'

const words = strings.chat.tools

export function CallList({ calls, isRunning }: { calls: readonly ToolCall[]; isRunning: boolean }) {
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {calls.map((call) => (
        <li key={call.id} className="min-w-0 rounded-md border border-line bg-panel px-3 py-2 text-sm">
          <p className="font-semibold">{isRunning ? words.calling(call.name) : words.called(call.name)}</p>
          <pre className="overflow-x-auto font-mono whitespace-pre-wrap wrap-anywhere" tabIndex={0}>
            {call.arguments.trim() === '' ? words.noArguments : inLines(call.arguments)}
          </pre>
        </li>
      ))}
    </ul>
  )
}

/** What each call answers, typed by whoever talks; then the model goes on. */
export function CallForm({ side, calls }: { side: Side; calls: readonly ToolCall[] }) {
  const { chat } = usePage()
  const [results, setResults] = useState<Readonly<Record<string, string>>>({})
  const isWhole = calls.every((call) => (results[call.id] ?? '') !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isWhole) chat.giveResults(side, new Map(Object.entries(results)))
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 rounded-md border border-edge bg-raised p-3">
      {calls.map((call) => (
        <AreaField
          key={call.id}
          label={words.result(call.name)}
          hint={words.resultHint}
          rows={2}
          value={results[call.id] ?? ''}
          onChange={(event) => setResults({ ...results, [call.id]: event.target.value })}
        />
      ))}
      <Button type="submit" look="main" className="self-start" disabled={!isWhole}>
        {words.go}
      </Button>
    </form>
  )
}

/** Arguments as JSON in lines; what is no JSON stays as the model wrote it. */
function inLines(given: string): string {
  try {
    return JSON.stringify(JSON.parse(given), null, 2)
  } catch {
    return given
  }
}
