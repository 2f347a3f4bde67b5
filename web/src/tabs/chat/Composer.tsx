import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { PublicModel } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { IconButton } from '../../design/Button.tsx'
import { strings } from '../../strings.ts'
import { ContextMeter } from './ContextMeter.tsx'
import { isBusy } from './conversation.ts'
import { holdsFiles, mostPictures, picturesIn, pictureTypes, readPicture } from './pictures.ts'

const words = strings.chat
const tallestPx = 200

export function Composer({ model, rival }: { model: PublicModel | undefined; rival: PublicModel | undefined }) {
  const { chat } = usePage()
  const conversation = useStore(chat.conversation)
  const draft = useDraft(model, rival)
  const { text, pictures, canSend, isBlind, isBusy: busy } = draft
  const [isOver, setOver] = useState(false)
  const area = useGrowingArea(text)
  return (
    <form
      onSubmit={draft.submit}
      onDragOver={(event) => {
        if (!holdsFiles(event.dataTransfer)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!holdsFiles(event.dataTransfer)) return
        event.preventDefault()
        setOver(false)
        pictures.add([...event.dataTransfer.files])
      }}
      className="border-t border-line bg-panel px-3 pt-3 pb-2 md:px-6"
    >
      <div
        className={`mx-auto max-w-3xl rounded-lg border bg-raised p-1.5 focus-within:border-ink
          ${isOver ? 'border-dashed border-ember' : 'border-edge'}`}
      >
        <Attached urls={pictures.urls} onRemove={pictures.remove} />
        <div className="flex items-end gap-1">
          <AttachButton onFiles={pictures.add} isDisabled={!model} />
          <textarea
            ref={area}
            rows={1}
            aria-label={words.inputLabel}
            placeholder={isOver ? words.pictures.drop : words.placeholder}
            value={text}
            onChange={(event) => draft.setText(event.target.value)}
            onKeyDown={draft.onKeyDown}
            onPaste={draft.onPaste}
            className="touch max-h-52 flex-1 resize-none rounded-md bg-transparent px-2 py-2.5 text-base placeholder:text-soft"
          />
          {busy ? (
            <IconButton icon="stop" label={words.stop} onClick={() => chat.stop()} className="bg-sunken text-ink" />
          ) : (
            <IconButton
              type="submit"
              icon="send"
              label={words.send}
              disabled={!canSend}
              className="bg-ember text-on-ember hover:bg-ember-strong"
            />
          )}
        </div>
      </div>
      <p role="alert" className="mx-auto max-w-3xl px-1 text-sm text-garnet empty:hidden">
        {isBlind && pictures.blind ? words.pictures.noVision(pictures.blind.id) : pictures.problem}
      </p>
      <ContextMeter conversation={conversation} draft={text} limit={model?.hearth?.context ?? null} />
    </form>
  )
}

/**
 * What is being written, and its sending. Enter sends where there is a keyboard; on a touch screen it makes a new line,
 * as everywhere there.
 */
function useDraft(model: PublicModel | undefined, rival: PublicModel | undefined) {
  const { chat } = usePage()
  const isSummarising = useStore(chat.summarising).kind === 'running'
  const busy = isBusy(useStore(chat.conversation)) || isSummarising
  const [text, setText] = useState('')
  const pictures = usePictures([model, rival])
  const isBlind = pictures.urls.length > 0 && pictures.blind !== null
  const isEmpty = text.trim() === '' && pictures.urls.length === 0
  const canSend = model !== undefined && !isEmpty && !isBlind
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (!canSend || busy) return
    chat.ask(text.trim(), pictures.urls)
    setText('')
    pictures.clear()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const isPlainEnter = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing
    if (!isPlainEnter || matchMedia('(pointer: coarse)').matches) return
    event.preventDefault()
    submit()
  }
  const onPaste = (event: ClipboardEvent) => {
    const files = picturesIn(event.clipboardData)
    if (files.length === 0) return
    event.preventDefault()
    pictures.add(files)
  }
  return { text, setText, pictures, canSend, isBlind, isBusy: busy, submit, onKeyDown, onPaste }
}

function AttachButton({ onFiles, isDisabled }: { onFiles(files: readonly File[]): void; isDisabled: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={pictureTypes}
        aria-label={words.pictures.attach}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <IconButton
        icon="image"
        label={words.pictures.attach}
        disabled={isDisabled}
        onClick={() => input.current?.click()}
      />
    </>
  )
}

function Attached({ urls, onRemove }: { urls: readonly string[]; onRemove(place: number): void }) {
  if (urls.length === 0) return null
  return (
    <ul className="flex flex-wrap gap-2 p-1.5">
      {urls.map((url, place) => (
        <li key={url} className="relative">
          <img
            src={url}
            alt={words.pictures.alt(String(place + 1))}
            className="size-28 rounded-md border border-line object-cover"
          />
          <IconButton
            icon="cross"
            label={words.pictures.remove(String(place + 1))}
            onClick={() => onRemove(place)}
            className="absolute -top-2 -right-2 rounded-full border border-line bg-panel text-ink"
          />
        </li>
      ))}
    </ul>
  )
}

function usePictures(models: readonly (PublicModel | undefined)[]) {
  const [urls, setUrls] = useState<readonly string[]>([])
  const [problem, setProblem] = useState('')
  const blind = models.find((model) => model && isBlindModel(model)) ?? null
  const add = (files: readonly File[]) => {
    setProblem('')
    if (files.length > 0 && blind) {
      setProblem(words.pictures.noVision(blind.id))
      return
    }
    void Promise.all(files.slice(0, mostPictures).map(readPicture)).then((read) => {
      const problems = read.flatMap((outcome) => (outcome.kind === 'problem' ? [outcome.message] : []))
      const fresh = read.flatMap((outcome) => (outcome.kind === 'picture' ? [outcome.url] : []))
      setUrls((before) => [...new Set([...before, ...fresh])].slice(0, mostPictures))
      const isTooMany = urls.length + files.length > mostPictures
      setProblem([...problems, ...(isTooMany ? [words.pictures.tooMany(String(mostPictures))] : [])].join(' '))
    })
  }
  return {
    urls,
    problem,
    blind,
    add,
    remove: (place: number) => setUrls(urls.toSpliced(place, 1)),
    clear() {
      setUrls([])
      setProblem('')
    },
  }
}

/** Only who says what it can do may be told that it cannot: an upstream seldom says. */
function isBlindModel(model: PublicModel): boolean {
  const capabilities = model.hearth?.capabilities
  return Boolean(capabilities && capabilities.length > 0 && !capabilities.includes('vision'))
}

function useGrowingArea(text: string) {
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const shown = area.current
    if (!shown) return
    shown.style.height = 'auto'
    shown.style.height = `${Math.min(tallestPx, shown.scrollHeight + 2)}px`
  }, [text])
  return area
}
