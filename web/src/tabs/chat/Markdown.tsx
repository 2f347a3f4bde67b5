import { memo, type MouseEvent, useLayoutEffect, useMemo, useRef } from 'react'
import { copyText } from '../../design/CopyButton.tsx'
import { strings } from '../../strings.ts'
import { renderMarkdown, splitMarkdown } from './markdown.ts'

const copiedForMs = 2_500

export function Markdown({ text }: { text: string }) {
  const pieces = useMemo(() => splitMarkdown(text), [text])
  return (
    // The buttons inside are real buttons; this only hears them.
    <div className="prose flex flex-col gap-3" onClick={copyCode}>
      {pieces.map((piece, place) => (
        <Piece key={place} text={piece} />
      ))}
    </div>
  )
}

const Piece = memo(function Piece({ text }: { text: string }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => place.current?.replaceChildren(renderMarkdown(text)), [text])
  return <div ref={place} className="prose min-w-0" />
})

function copyCode(event: MouseEvent): void {
  const button = event.target
  if (!(button instanceof HTMLButtonElement) || button.dataset.copies !== 'code') return
  const code = button.closest('.code-block')?.querySelector('code')?.textContent ?? ''
  void copyText(code).then((isDone) => {
    button.textContent = isDone ? strings.copied : strings.copyFailed
    setTimeout(() => (button.textContent = strings.copy), copiedForMs)
  })
}
