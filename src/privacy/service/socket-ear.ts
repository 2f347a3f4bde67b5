import type { OutSocketListener, SocketExit } from '#platform/egress/contract.ts'
import { parsedObject } from '#protocol/json/members.ts'
import type { Transcripts } from './transcript-ear.ts'

/** Of one session; what is said behind it is remembered by each of its pieces alone. */
const maxSessionChars = 2 ** 20

/** WebSockets of the house, with an ear for what speech recognisers write on them. Changes nothing of them. */
export function listeningSockets(exit: SocketExit, transcripts: Transcripts): SocketExit {
  return {
    open: (to, what, options) =>
      exit.open(to, what, { ...options, listener: overheard(options.listener, transcripts) }),
  }
}

function overheard(listener: OutSocketListener, transcripts: Transcripts): OutSocketListener {
  let pieces = ''
  let whole = ''
  // A disk that fails is tried again later; in memory it is known at once.
  const remember = (text: string): void => {
    if (text.trim() === '') return
    transcripts.remember(null, text)
    void transcripts.write().catch(() => undefined)
  }
  return {
    message(data) {
      const heard = spokenIn(data)
      if (heard?.kind === 'piece' && pieces.length < maxSessionChars) pieces += heard.text
      if (heard?.kind === 'whole') {
        remember(heard.text)
        if (whole.length < maxSessionChars) whole += `${heard.text} `
      }
      listener.message(data)
    },
    drained: () => listener.drained(),
    closed(code, reason) {
      // Passages that go from one sentence to the next; and pieces of what was never told as a whole.
      remember(whole)
      remember(pieces)
      listener.closed(code, reason)
    },
  }
}

interface Heard {
  readonly kind: 'piece' | 'whole'
  readonly text: string
}

const decoder = new TextDecoder()

/** Events of OpenAI's realtime dialect and of vLLM's: `….input_audio_transcription.completed`, `transcription.done`. */
function spokenIn(data: string | Uint8Array): Heard | null {
  const text = typeof data === 'string' ? data : data[0] === 0x7b ? decoder.decode(data) : null
  if (text === null || !text.includes('transcription')) return null
  const event = parsedObject(text)
  const type = event?.['type']
  if (event === null || typeof type !== 'string' || !type.includes('transcription')) return null
  const { transcript, text: said, delta } = event
  if (typeof transcript === 'string') return { kind: 'whole', text: transcript }
  if (typeof said === 'string') return { kind: 'whole', text: said }
  return typeof delta === 'string' ? { kind: 'piece', text: delta } : null
}
