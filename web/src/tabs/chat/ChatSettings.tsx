import { useState } from 'react'
import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { AreaField, SelectField, TextField } from '../../design/Field.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { efforts, formats, plainSampling, readSchema, readStops, type Sampling, writeStops } from './sampling.ts'
import { exampleTools, readTools } from './tool-text.ts'

const words = strings.chat
const sampling = words.sampling

export function ChatSettings({ onClose }: { onClose(): void }) {
  const { chat } = usePage()
  const { system, tools } = useStore(chat.conversation)
  const read = readTools(tools)
  return (
    <Dialog title={words.settingsTitle} onClose={onClose} place="side">
      <div className="flex flex-col gap-5">
        <AreaField
          label={words.system}
          hint={words.systemHint}
          isOptional
          rows={4}
          value={system}
          onChange={(event) => chat.choose({ system: event.target.value })}
        />
        <SamplingFields />
        <div className="flex flex-col gap-2">
          <AreaField
            label={words.tools.label}
            hint={
              read.kind === 'tools' && read.tools.length > 0 ? words.tools.count(read.tools.length) : words.tools.hint
            }
            problem={read.kind === 'problem' ? read.message : null}
            isOptional
            isCode
            rows={tools === '' ? 2 : 10}
            spellCheck={false}
            autoCapitalize="off"
            value={tools}
            onChange={(event) => chat.choose({ tools: event.target.value })}
          />
          {tools === '' && (
            <Button className="self-start" onClick={() => chat.choose({ tools: exampleTools })}>
              {words.tools.example}
            </Button>
          )}
        </div>
        <p className="text-sm text-soft">{words.storage}</p>
      </div>
    </Dialog>
  )
}

function SamplingFields() {
  const { chat } = usePage()
  const chosen = useStore(chat.conversation).sampling
  const set = (change: Partial<Sampling>) => chat.choose({ sampling: { ...chosen, ...change } })
  // Made anew with other values when all of it is reset: a number field keeps what was typed, also half of a number.
  const [version, setVersion] = useState(0)
  return (
    <fieldset className="flex flex-col gap-3" key={version}>
      <legend className="pb-1 font-semibold">{sampling.title}</legend>
      <p className="text-sm text-soft">{sampling.hint}</p>
      <NumberField
        label={sampling.temperature}
        hint={sampling.temperatureHint}
        range={{ least: 0, most: 2, step: 0.1 }}
        value={chosen.temperature}
        onValue={(temperature) => set({ temperature })}
      />
      <NumberField
        label={sampling.topP}
        hint={sampling.topPHint}
        range={{ least: 0, most: 1, step: 0.05 }}
        value={chosen.topP}
        onValue={(topP) => set({ topP })}
      />
      <NumberField
        label={sampling.maxTokens}
        range={{ least: 1, most: 1_000_000, step: 1 }}
        value={chosen.maxTokens}
        onValue={(maxTokens) => set({ maxTokens })}
      />
      <NumberField
        label={sampling.seed}
        hint={sampling.seedHint}
        range={{ least: 0, most: 2 ** 31 - 1, step: 1 }}
        value={chosen.seed}
        onValue={(seed) => set({ seed })}
      />
      <StopField value={chosen.stop} onValue={(stop) => set({ stop })} />
      <SelectField
        label={sampling.effort}
        value={chosen.effort}
        onChange={(event) => set({ effort: efforts.find((effort) => effort === event.target.value) ?? '' })}
      >
        <option value="">{sampling.efforts.unset}</option>
        {efforts.map((effort) => (
          <option key={effort} value={effort}>
            {sampling.efforts[effort]}
          </option>
        ))}
      </SelectField>
      <FormatFields chosen={chosen} onChange={set} />
      <Button
        className="self-start"
        disabled={JSON.stringify(chosen) === JSON.stringify(plainSampling)}
        onClick={() => {
          set(plainSampling)
          setVersion(version + 1)
        }}
      >
        {sampling.reset}
      </Button>
    </fieldset>
  )
}

interface NumberFieldProps {
  label: string
  hint?: string
  range: { readonly least: number; readonly most: number; readonly step: number }
  value: number | null
  onValue(value: number | null): void
}

/** Keeps what is typed while it is no number yet; only a good one counts. */
function NumberField({ label, hint, range, value, onValue }: NumberFieldProps) {
  const [text, setText] = useState(value === null ? '' : String(value))
  const given = readNumber(text, range)
  return (
    <TextField
      label={label}
      {...(hint ? { hint } : {})}
      problem={given === undefined ? sampling.outOfRange(number(range.least), number(range.most)) : null}
      inputMode="decimal"
      value={text}
      onChange={(event) => {
        setText(event.target.value)
        onValue(readNumber(event.target.value, range) ?? null)
      }}
    />
  )
}

/** null = left empty; undefined = no number of this range. */
function readNumber(text: string, { least, most, step }: NumberFieldProps['range']): number | null | undefined {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return null
  const value = Number(trimmed)
  const isGood = Number.isFinite(value) && value >= least && value <= most && (step < 1 || Number.isInteger(value))
  return isGood ? value : undefined
}

function StopField({ value, onValue }: { value: readonly string[]; onValue(value: readonly string[]): void }) {
  const [text, setText] = useState(() => writeStops(value))
  return (
    <AreaField
      label={sampling.stop}
      hint={sampling.stopHint}
      rows={2}
      value={text}
      onChange={(event) => {
        setText(event.target.value)
        onValue(readStops(event.target.value))
      }}
    />
  )
}

function FormatFields({ chosen, onChange }: { chosen: Sampling; onChange(change: Partial<Sampling>): void }) {
  return (
    <>
      <SelectField
        label={sampling.format}
        value={chosen.format}
        onChange={(event) => onChange({ format: formats.find((format) => format === event.target.value) ?? 'text' })}
      >
        {formats.map((format) => (
          <option key={format} value={format}>
            {sampling.formats[format]}
          </option>
        ))}
      </SelectField>
      {chosen.format === 'json_schema' && (
        <AreaField
          label={sampling.schema}
          isCode
          rows={6}
          spellCheck={false}
          problem={readSchema(chosen.schema) ? null : sampling.schemaProblem}
          value={chosen.schema}
          onChange={(event) => onChange({ schema: event.target.value })}
        />
      )}
    </>
  )
}
