import { memo } from 'react'
import type { WorldModel } from '../../api/catalogue.ts'
import { hashOf } from '../../app/route.ts'
import { strings } from '../../strings.ts'
import { compact, dollars } from '../../text/format.ts'
import { abilitiesOf } from './catalogue-words.ts'

const words = strings.catalogue
const columns = 'md:grid md:grid-cols-[minmax(0,2.2fr)_minmax(0,1.1fr)_minmax(0,1.5fr)_4.5rem_5rem_5rem] md:gap-x-4'

/** Names of the columns; on a phone every row says them itself. */
export function ModelListHead() {
  const { columns: names } = words
  return (
    <div
      aria-hidden="true"
      className={`hidden border-b border-line px-4 py-2 text-sm font-semibold text-soft md:px-5 ${columns}`}
    >
      <span>{names.model}</span>
      <span>{names.use}</span>
      <span>{names.can}</span>
      <span className="text-right">{names.context}</span>
      <span className="text-right">{names.input}</span>
      <span className="text-right">{names.output}</span>
    </div>
  )
}

/** One model as one link: a row with columns at a desk, a few lines on a phone. */
export const WorldModelRow = memo(function WorldModelRow({
  model,
  filterText,
}: {
  model: WorldModel
  filterText: string
}) {
  const { price, contextTokens } = model
  return (
    <div role="listitem" className="far-off [contain-intrinsic-size:auto_4rem]">
      <a
        href={hashOf('catalogue', `model/${model.id}`, filterText)}
        className={`touch block px-4 py-2.5 text-sm hover:bg-sunken md:items-center md:px-5 ${columns}`}
      >
        <span className="block min-w-0">
          <span className="flex flex-wrap items-baseline gap-x-2">
            <span className="text-base font-semibold">{model.name}</span>
            <Stage model={model} />
          </span>
          <span className="block font-mono text-xs text-soft wrap-anywhere">{model.id}</span>
        </span>
        <UseMark model={model} />
        <span className="block min-w-0 text-soft">{abilitiesOf(model).join(' · ')}</span>
        <Figure
          value={contextTokens === null ? null : compact(contextTokens)}
          told={words.contextOf}
          name={words.columns.context}
        />
        <Figure value={price === null ? null : dollars(price.input)} told={words.priceIn} name={words.columns.input} />
        <Figure
          value={price === null ? null : dollars(price.output)}
          told={words.priceOut}
          name={words.columns.output}
        />
        {price === null && <span className="text-soft md:hidden">{words.priceUnknown}</span>}
      </a>
    </div>
  )
})

function Stage({ model: { stage } }: { model: WorldModel }) {
  if (stage === null) return null
  const look = stage === 'deprecated' ? 'bg-ochre-tint' : 'bg-slate-tint'
  return <span className={`rounded-sm px-2 text-xs ${look}`}>{words.stages[stage]}</span>
}

/** Whether it can be used now, in two words; the sentence stands in the dialog. */
export function UseMark({ model: { usable, lacks, local } }: { model: WorldModel }) {
  const look = usable ? 'text-moss' : lacks === 'key' || lacks === 'answer' ? 'text-ochre' : 'text-soft'
  return (
    <span className="block min-w-0">
      <span className={`font-semibold ${look}`}>{lacks === null ? words.isUsable : words.lacks[lacks]}</span>
      {local !== null && <span className="block text-moss wrap-anywhere">{words.runsHere(local)}</span>}
    </span>
  )
}

interface FigureProps {
  value: string | null
  name: string
  told(value: string): string
}

/** On a phone what is unknown is left out: the row is short of room. */
function Figure({ value, name, told }: FigureProps) {
  return (
    <>
      <span className={`whitespace-nowrap max-md:mr-3 md:hidden ${value === null ? 'hidden' : 'inline-block'}`}>
        {value !== null && told(value)}
      </span>
      <span className="text-right tabular-nums max-md:hidden">
        <span className="sr-only">{name} </span>
        {value ?? <span className="text-soft">{strings.unknown}</span>}
      </span>
    </>
  )
}
