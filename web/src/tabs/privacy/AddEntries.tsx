import { type FormEvent, useState } from 'react'
import type { ListName } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { AreaField, SelectField, TextField } from '../../design/Field.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { typeName } from '../../text/entity-types.ts'
import { type ListRow, longestEntry, readLines, rowKey, shortestEntry } from './list-edit.ts'

const words = strings.privacy.lists
/** The usual ones first; what stands in a directory is seldom a number. */
const usualTypes = ['PERSON', 'ORGANIZATION', 'HOST', 'ADDRESS', 'USERNAME', 'EMAIL', 'PHONE']
const types = [
  ...usualTypes,
  ...Object.keys(strings.privacy.types).filter((type) => type !== 'LITERAL' && !usualTypes.includes(type)),
]

interface AddEntriesProps {
  name: ListName
  held: readonly ListRow[]
  isBusy: boolean
  problem: string | null
  onAdd(rows: readonly ListRow[]): Promise<unknown>
}

/** One entry, or many lines at once. What is typed is cleared when it is on the list. */
export function AddEntries({ name, held, isBusy, problem, onAdd }: AddEntriesProps) {
  const [isMany, setMany] = useState(false)
  const [tag, setTag] = useState(name === 'directory' ? 'PERSON' : name === 'deny' ? 'text' : '')
  const [text, setText] = useState('')
  const [isTried, setTried] = useState(false)
  const row = { text: text.trim(), tag: tag === '' ? null : tag }
  const read = readLines(text, held, row.tag)
  const fault = isMany ? null : faultOf(row, held)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (isMany ? read.fresh.length === 0 : fault !== null) return
    onAdd(isMany ? read.fresh : [row]).then(
      () => {
        setText('')
        setTried(false)
      },
      // Told by whoever adds.
      () => {},
    )
  }
  const label = tag === 'pattern' ? words.pattern : words.value
  return (
    <form onSubmit={submit} className="flex flex-col gap-2" noValidate>
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,1fr)_14rem]">
        {isMany ? (
          <AreaField
            label={words.lines}
            rows={5}
            hint={told(read)}
            problem={problem}
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        ) : (
          <TextField
            label={label}
            {...(tag === 'pattern' ? { hint: words.patternHint } : {})}
            problem={(isTried && text !== '' ? fault : null) ?? problem}
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {name !== 'allow' && <TagField name={name} tag={tag} onChange={setTag} />}
      </div>
      <div className="flex flex-wrap gap-3">
        <Button type="submit" look="warm" icon="plus" isBusy={isBusy} disabled={isMany && read.fresh.length === 0}>
          {isBusy ? words.adding : isMany ? words.addMany(number(read.fresh.length)) : words.add}
        </Button>
        <Button look="quiet" aria-pressed={isMany} onClick={() => setMany(!isMany)}>
          {isMany ? words.one : words.many}
        </Button>
      </div>
    </form>
  )
}

function TagField({ name, tag, onChange }: { name: ListName; tag: string; onChange(tag: string): void }) {
  return (
    <SelectField label={words.what} value={tag} onChange={(event) => onChange(event.target.value)}>
      {name === 'directory'
        ? types.map((type) => (
            <option key={type} value={type}>
              {typeName(type)}
            </option>
          ))
        : Object.entries(words.denyKinds).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
    </SelectField>
  )
}

function faultOf(row: ListRow, held: readonly ListRow[]): string | null {
  if (row.text.length < (row.tag === 'pattern' ? 1 : shortestEntry)) return words.tooShort
  if (row.text.length > longestEntry) return words.tooLong
  return held.some((each) => rowKey(each) === rowKey(row)) ? words.known : null
}

function told({ fresh, known, tooShort, tooLong }: ReturnType<typeof readLines>): string {
  return [
    words.linesTold(number(fresh.length), number(known)),
    ...(tooShort > 0 ? [words.linesShort(number(tooShort))] : []),
    ...(tooLong > 0 ? [words.linesLong(number(tooLong))] : []),
  ].join(' ')
}
