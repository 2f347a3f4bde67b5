import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { FoundFile } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { TextField } from '../../design/Field.tsx'
import { Notice, ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { bytes } from '../../text/format.ts'

const words = strings.library
const mostShown = 50
const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}$/

export function FoundFiles({ mayOperate }: { mayOperate: boolean }) {
  const library = useQuery(queries.library)
  const [chosen, setChosen] = useState<FoundFile | null>(null)
  const [limit, setLimit] = useState(mostShown)
  const files = library.data ?? []
  return (
    <section aria-labelledby="found-files">
      <h2 id="found-files" className="text-xl font-semibold">
        {words.title}
      </h2>
      <p className="text-soft">{words.lead}</p>
      <div className="mt-4 flex flex-col gap-3">
        {library.isPending ? (
          <Skeletons rows={2} height="h-16" />
        ) : library.isError ? (
          <ReadFailure what={words.title} error={library.error} onRetry={() => void library.refetch()} />
        ) : files.length === 0 ? (
          <p className="text-soft">{words.none}</p>
        ) : (
          <ul className="divide-y divide-line rounded-lg border border-line bg-panel">
            {files.slice(0, limit).map((file) => (
              <FileRow key={file.path} file={file} mayOperate={mayOperate} onUse={() => setChosen(file)} />
            ))}
          </ul>
        )}
        {files.length > limit && (
          <Button onClick={() => setLimit(limit + mostShown)}>{strings.models.more(files.length - limit)}</Button>
        )}
      </div>
      {chosen && <UseFileDialog file={chosen} onClose={() => setChosen(null)} />}
    </section>
  )
}

function FileRow({ file, mayOperate, onUse }: { file: FoundFile; mayOperate: boolean; onUse(): void }) {
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3 md:px-6">
      <div className="min-w-0">
        <h3 className="font-sans font-semibold">{file.name}</h3>
        <p className="text-sm text-soft">
          {words.from[file.from]} · {bytes(file.sizeBytes)}
        </p>
      </div>
      {file.id === null ? (
        <Button
          disabled={!mayOperate}
          title={mayOperate ? file.path : strings.models.mayNotOperate}
          aria-label={`${words.use}: ${file.name}`}
          onClick={onUse}
        >
          {words.use}
        </Button>
      ) : (
        <p className="text-sm text-soft">{words.usedAs(file.id)}</p>
      )}
    </li>
  )
}

function UseFileDialog({ file, onClose }: { file: FoundFile; onClose(): void }) {
  const [id, setId] = useState(suggestedId(file.name))
  const isValid = idShape.test(id)
  const add = useMutation({
    mutationFn: () => api('/api/models', { method: 'POST', body: { id, file: file.path } }),
    onSuccess: onClose,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isValid) add.mutate()
  }
  return (
    <Dialog
      title={words.addTitle}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button type="submit" form="use-file" look="main" isBusy={add.isPending}>
            {words.add}
          </Button>
        </>
      }
    >
      <form id="use-file" onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <p className="font-mono text-xs text-soft">{file.path}</p>
        <TextField
          label={words.addLabel}
          hint={words.addHint}
          problem={isValid ? null : words.nameInvalid}
          value={id}
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => setId(event.target.value)}
        />
        {add.error && (
          <Notice tone="failed" isLive>
            {wordsOf(add.error)}
          </Notice>
        )}
      </form>
    </Dialog>
  )
}

/** `Qwen3-0.6B-Q8_0.gguf` → `qwen3-0.6b-q8_0`. */
function suggestedId(name: string): string {
  const plain = name
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._/-]+/g, '-')
  return plain.replace(/^[^a-z0-9]+/, '')
}
