import { memo, useState } from 'react'
import type { ModelView } from '../../api/types.ts'
import { hashOf } from '../../app/route.ts'
import { Button } from '../../design/Button.tsx'
import { Icon } from '../../design/Icon.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { Progress } from '../../design/Progress.tsx'
import { strings } from '../../strings.ts'
import { LogDialog } from './LogDialog.tsx'
import { activityOf, factsOf, memoryOf, progressOf, workOf } from './model-words.ts'
import { deedFor } from './plan.ts'
import { PlanDialog } from './PlanDialog.tsx'
import { StateMark } from './StateMark.tsx'
import { useDeed } from './use-deed.ts'

const words = strings.models

export const ModelRow = memo(function ModelRow({ model, mayOperate }: { model: ModelView; mayOperate: boolean }) {
  const [isLogOpen, setLogOpen] = useState(false)
  const deed = useDeed(model)
  const progress = progressOf(model)
  return (
    <li className="flex flex-col gap-3 px-4 py-4 md:px-6">
      <div className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-3 lg:grid-cols-[auto_minmax(0,1fr)_15rem_17rem] lg:items-center">
        <StateMark state={model.state} isWorking={model.inFlight > 0} />
        <Identity model={model} />
        <div className="text-sm max-lg:col-start-2">
          <p className="font-semibold">{activityOf(model)}</p>
          <p className="text-soft">{workOf(model).join(' · ')}</p>
          <p className="text-soft">
            {words.memory}: {memoryOf(model)}
          </p>
        </div>
        <Actions model={model} mayOperate={mayOperate} deed={deed} onLog={() => setLogOpen(true)} />
      </div>
      {progress && (
        <div className="flex flex-col gap-1.5 pl-9">
          <Progress label={`${model.id}: ${activityOf(model)}`} share={progress.share} />
          <p className="text-sm text-soft">{progress.said.join(' · ')}</p>
        </div>
      )}
      {model.state === 'failed' && (
        <Notice tone="failed">
          <p className="font-semibold">{words.failureTitle}</p>
          <p className="text-sm whitespace-pre-wrap">{model.failure ?? words.failureUnknown}</p>
        </Notice>
      )}
      {deed.error && (
        <Notice tone="failed" isLive>
          {wordsOf(deed.error)}
        </Notice>
      )}
      {deed.question && (
        <PlanDialog
          id={model.id}
          question={deed.question}
          isApplying={deed.isApplying}
          error={deed.confirmError}
          onConfirm={deed.confirm}
          onClose={deed.dismiss}
        />
      )}
      {isLogOpen && <LogDialog id={model.id} onClose={() => setLogOpen(false)} />}
    </li>
  )
})

function Identity({ model }: { model: ModelView }) {
  return (
    <div className="min-w-0">
      <h3 className="flex flex-wrap items-baseline gap-x-2.5 text-lg font-semibold">
        {model.id}
        {model.isPinned && (
          <span className="inline-flex items-center gap-1 self-center font-sans text-xs font-normal text-soft">
            <Icon name="pin" size={14} /> {words.pinned}
          </span>
        )}
      </h3>
      {model.label && (
        <p className="mt-1 inline-flex items-center gap-1.5 rounded-sm bg-ochre-tint px-2 py-0.5 text-sm">
          <span className="text-ochre">
            <Icon name="info" size={16} />
          </span>
          {model.label}
        </p>
      )}
      <p className="mt-0.5 text-sm text-soft">
        {[...model.capabilities.map((capability) => words.capability[capability]), ...factsOf(model)].join(' · ')}
      </p>
    </div>
  )
}

interface ActionsProps {
  model: ModelView
  mayOperate: boolean
  deed: ReturnType<typeof useDeed>
  onLog(): void
}

function Actions({ model, mayOperate, deed, onLog }: ActionsProps) {
  const offered = deedFor(model)
  const word = offered === 'load' ? (model.state === 'failed' ? words.loadAgain : words.load) : unloadWordOf(model)
  return (
    <div className="flex flex-wrap justify-end gap-2 max-lg:col-span-2 max-sm:[&>*]:flex-1">
      {model.capabilities.includes('chat') && model.state === 'ready' && (
        <a
          href={hashOf('chat', model.id)}
          className="touch inline-flex items-center justify-center rounded-md px-4 font-medium hover:bg-sunken"
        >
          {words.chat}
          <span className="sr-only"> {model.id}</span>
        </a>
      )}
      <Button look="quiet" onClick={onLog} aria-label={strings.log.title(model.id)}>
        {words.log}
      </Button>
      {offered && (
        <Button
          look={offered === 'load' ? 'warm' : 'plain'}
          className="lg:w-32"
          disabled={!mayOperate}
          title={mayOperate ? undefined : words.mayNotOperate}
          isBusy={deed.isChecking}
          onClick={() => deed.begin(offered)}
          aria-label={`${word} ${model.id}`}
        >
          {deed.isChecking ? words.checking : word}
        </Button>
      )}
    </div>
  )
}

/** What is not loaded yet is not unloaded: its loading is stopped. */
function unloadWordOf(model: ModelView): string {
  return model.state === 'ready' ? words.unload : words.stopLoading
}
