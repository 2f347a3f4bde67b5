import { memo, type MouseEvent, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { copyText } from '../../design/CopyButton.tsx'
import { strings } from '../../strings.ts'
import { renderMarkdown, splitMarkdown } from './markdown.ts'

const copiedForMs = 2_500
const restMs = 250

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
  // A block that still grows is plain: its colours come when it rests.
  useEffect(() => {
    const blocks = place.current?.querySelectorAll<HTMLElement>('pre[data-language] > code') ?? []
    const named = [...blocks].filter((code) => code.parentElement?.dataset.language)
    if (named.length === 0) return
    const timer = setTimeout(() => void colour(named), restMs)
    return () => clearTimeout(timer)
  }, [text])
  return <div ref={place} className="prose min-w-0" />
})

async function colour(blocks: readonly HTMLElement[]): Promise<void> {
  try {
    const { highlightCode } = await import('./highlight.ts')
    for (const code of blocks) highlightCode(code, code.parentElement?.dataset.language ?? '')
  } catch {
    // Without colours the code is still the code.
  }
}

function copyCode(event: MouseEvent): void {
  const button = event.target
  if (!(button instanceof HTMLButtonElement) || button.dataset.copies !== 'code') return
  const code = button.closest('.code-block')?.querySelector('code')?.textContent ?? ''
  void copyText(code).then((isDone) => {
    button.textContent = isDone ? strings.copied : strings.copyFailed
    setTimeout(() => (button.textContent = strings.copy), copiedForMs)
  })
}
