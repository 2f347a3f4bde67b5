import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { AreaField, TextField } from '../../design/Field.tsx'
import { strings } from '../../strings.ts'

const middleTemperature = 0.7

export function ChatSettings({ onClose }: { onClose(): void }) {
  const { chat } = usePage()
  const { system, temperature } = useStore(chat.conversation)
  return (
    <Dialog title={strings.chat.settingsTitle} onClose={onClose} place="side">
      <div className="flex flex-col gap-5">
        <AreaField
          label={strings.chat.system}
          hint={strings.chat.systemHint}
          isOptional
          rows={6}
          value={system}
          onChange={(event) => chat.choose({ system: event.target.value })}
        />
        <div className="flex flex-col gap-2">
          <TextField
            label={`${strings.chat.temperature}: ${temperature ?? strings.chat.temperatureDefault}`}
            hint={strings.chat.temperatureHint}
            type="range"
            data-is-default={temperature === null || undefined}
            min={0}
            max={2}
            step={0.1}
            value={temperature ?? middleTemperature}
            onChange={(event) => chat.choose({ temperature: Number(event.target.value) })}
          />
          <Button disabled={temperature === null} onClick={() => chat.choose({ temperature: null })}>
            {strings.chat.useDefault}
          </Button>
        </div>
        <p className="text-sm text-soft">{strings.chat.storage}</p>
      </div>
    </Dialog>
  )
}
