import { type FormEvent, useState } from 'react'
import { Button } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { IntoView } from '../../design/IntoView.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { Progress } from '../../design/Progress.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { type LeakForm, type LeakProblems, mostCases, readLeakForm } from './leak-form.ts'
import { LeakReportView } from './LeakReportView.tsx'
import { SectionHead } from './SectionHead.tsx'
import type { LeakTestDesk, LeakTestState } from './use-leak-test.ts'

const words = strings.privacy.proof
const firstForm: LeakForm = { cases: '500', seed: '' }

/** The proof: values of nobody's on their way to a cloud of the house's own. */
export function LeakTestSection({ test }: { test: LeakTestDesk }) {
  const [form, setForm] = useState(firstForm)
  const [problems, setProblems] = useState<LeakProblems>({})
  const { state, start, stop } = test
  const isRunning = state.kind === 'running'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readLeakForm(form)
    setProblems('problems' in read ? read.problems : {})
    if ('ask' in read && !isRunning) start(read.ask)
  }
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <SectionHead title={words.title} lead={words.lead} />
      <form
        onSubmit={submit}
        className="grid gap-x-4 gap-y-1 rounded-lg border border-line bg-panel p-4 sm:grid-cols-2 md:p-6"
        noValidate
      >
        <TextField
          label={words.cases}
          inputMode="numeric"
          hint={words.casesRange(number(mostCases))}
          problem={problems.cases ?? null}
          value={form.cases}
          onChange={(event) => setForm({ ...form, cases: event.target.value })}
        />
        <TextField
          label={words.seed}
          isOptional
          inputMode="numeric"
          hint={words.seedHint}
          problem={problems.seed ?? null}
          value={form.seed}
          onChange={(event) => setForm({ ...form, seed: event.target.value })}
        />
        <Button type="submit" look="main" icon="shield" isBusy={isRunning} className="mt-2 sm:justify-self-start">
          {isRunning ? words.running : words.run}
        </Button>
      </form>
      {state.kind !== 'idle' && (
        <IntoView key={state.kind}>
          <Outcome
            state={state}
            onStop={stop}
            onAgain={(again) => {
              setForm({ cases: String(again.cases), seed: String(again.seed) })
              start({ cases: again.cases, seed: again.seed })
            }}
          />
        </IntoView>
      )}
    </section>
  )
}

interface OutcomeProps {
  state: LeakTestState
  onStop(): void
  onAgain(ask: { readonly cases: number; readonly seed: number }): void
}

function Outcome({ state, onStop, onAgain }: OutcomeProps) {
  switch (state.kind) {
    case 'idle':
      return null
    case 'running':
      return <Running state={state} onStop={onStop} />
    case 'stopped':
      return <Notice tone="calm">{words.stopped}</Notice>
    case 'failed':
      return (
        <Notice tone="failed" isLive>
          {wordsOf(state.error)}
        </Notice>
      )
    case 'report':
      return <LeakReportView report={state.report} onAgain={() => onAgain(state.report)} />
  }
}

interface RunningProps {
  state: { readonly done: number | null; readonly cases: number }
  onStop(): void
}

function Running({ state: { done, cases }, onStop }: RunningProps) {
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line bg-panel p-4 md:p-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="tabular-nums">
          {done === null ? words.started : words.far(number(done), number(cases))}
        </p>
        <Button icon="stop" onClick={onStop}>
          {words.stop}
        </Button>
      </div>
      <Progress label={words.progress} share={done === null ? null : done / cases} />
      <p className="text-sm text-soft">{words.stays}</p>
    </div>
  )
}
