import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { IssuedKey } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Notice } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { chatModels, chooseModel } from '../chat/model-choice.ts'
import { type SnippetLanguage, snippetsFor } from './snippets.ts'

const words = strings.issued
const languages = Object.keys(words.snippets) as SnippetLanguage[]

/** The secret, this once. It closes by its own button only: a stray click must not lose it. */
export function IssuedDialog({
  issued,
  isRotated,
  onClose,
}: {
  issued: IssuedKey
  isRotated: boolean
  onClose(): void
}) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl')
  const listed = useQuery(queries.public)
  const named = issued.models?.find((name) => !name.includes('*')) ?? ''
  const model = chooseModel(chatModels(listed.data ?? []), { asked: named, last: null }) ?? (named || 'hearth/smoke')
  const address = location.origin
  const snippet = snippetsFor({ address, key: issued.key, model })[language]
  return (
    <Dialog
      title={isRotated ? words.rotatedTitle : words.createdTitle}
      onClose={onClose}
      isSticky
      isWide
      footer={
        <Button look="main" icon="check" onClick={onClose}>
          {words.done}
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <Notice tone="watch">{words.once}</Notice>
        <Copyable label={`${words.key}: ${issued.name}`} text={issued.key} />
        <Copyable label={words.address} text={`${address}/v1`} />
        <section aria-label={words.use}>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <div role="group" aria-label={words.use} className="flex gap-1 rounded-md bg-sunken p-1">
              {languages.map((choice) => (
                <button
                  key={choice}
                  type="button"
                  aria-pressed={choice === language}
                  onClick={() => setLanguage(choice)}
                  className="touch rounded-sm px-3 text-sm text-soft hover:text-ink aria-pressed:bg-raised aria-pressed:text-ink aria-pressed:shadow-lift"
                >
                  {words.snippets[choice]}
                </button>
              ))}
            </div>
            <CopyButton text={snippet} />
          </div>
          <pre
            tabIndex={0}
            className="mt-2 overflow-x-auto rounded-md bg-sunken p-3 font-mono text-xs [overflow-wrap:normal]"
          >
            {snippet}
          </pre>
        </section>
      </div>
    </Dialog>
  )
}

function Copyable({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className="text-sm font-semibold">{label}</p>
      <div className="mt-1 flex flex-wrap items-center justify-between gap-2 rounded-md bg-sunken py-1 pr-1 pl-3">
        <code className="min-w-0 flex-1 font-mono text-sm break-all">{text}</code>
        <CopyButton text={text} />
      </div>
    </div>
  )
}
