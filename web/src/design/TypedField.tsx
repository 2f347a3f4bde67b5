import { useEffect, useRef, useState } from 'react'
import { TextField } from './Field.tsx'

/** A list is asked for when somebody stops typing. */
const typingMs = 300

interface TypedFieldProps {
  label: string
  hint?: string
  value: string
  list?: string
  onValue(value: string): void
}

/** A field of a search: it tells what was typed when the typing rests. */
export function TypedField({ label, hint, value, list, onValue }: TypedFieldProps) {
  const [text, setText] = useState(value)
  const tell = useRef(onValue)
  useEffect(() => {
    tell.current = onValue
  })
  // The address may change under the field: by going back, or by "Show all".
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text.trim() === value) return
    const timer = setTimeout(() => tell.current(text.trim()), typingMs)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <TextField
      label={label}
      type="search"
      {...(hint ? { hint } : {})}
      {...(list ? { list } : {})}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  )
}
