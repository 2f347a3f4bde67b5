import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { IconButton } from '../../design/Button.tsx'
import { strings } from '../../strings.ts'
import { isBusy } from './conversation.ts'

const tallestPx = 200

/** Enter sends where there is a keyboard; on a touch screen it makes a new line, as everywhere there. */
export function Composer({ canAsk }: { canAsk: boolean }) {
  const { chat } = usePage()
  const busy = isBusy(useStore(chat.conversation))
  const [text, setText] = useState('')
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const shown = area.current
    if (!shown) return
    shown.style.height = 'auto'
    shown.style.height = `${Math.min(tallestPx, shown.scrollHeight + 2)}px`
  }, [text])

  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    const content = text.trim()
    if (content === '' || busy || !canAsk) return
    chat.ask(content)
    setText('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const isPlainEnter = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing
    if (!isPlainEnter || matchMedia('(pointer: coarse)').matches) return
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={submit} className="border-t border-line bg-panel px-3 py-3 md:px-6">
      <div className="mx-auto flex max-w-3xl items-end gap-2 rounded-lg border border-edge bg-raised p-1.5 focus-within:border-ink">
        <textarea
          ref={area}
          rows={1}
          aria-label={strings.chat.inputLabel}
          placeholder={strings.chat.placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="touch max-h-52 flex-1 resize-none rounded-md bg-transparent px-2.5 py-2.5 text-base placeholder:text-soft"
        />
        {busy ? (
          <IconButton
            icon="stop"
            label={strings.chat.stop}
            onClick={() => chat.stop()}
            className="bg-sunken text-ink"
          />
        ) : (
          <IconButton
            type="submit"
            icon="send"
            label={strings.chat.send}
            disabled={!canAsk || text.trim() === ''}
            className="bg-ember text-on-ember hover:bg-ember-strong"
          />
        )}
      </div>
    </form>
  )
}
