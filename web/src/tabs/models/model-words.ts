import type { ModelView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { ago, bytes, duration, moment, number } from '../../text/format.ts'

const words = strings.models

/** What a model is doing, in one line. */
export function activityOf(model: ModelView): string {
  switch (model.state) {
    case 'ready':
      return model.readySince ? words.readySince(moment(model.readySince)) : words.state.ready
    case 'queued':
    case 'starting':
    case 'loading':
      return model.phase ? words.phase[model.phase] : words.state[model.state]
    case 'stopped':
    case 'draining':
    case 'stopping':
    case 'failed':
      return words.state[model.state]
  }
}

/** How busy it is, and when it rests. */
export function workOf(model: ModelView): readonly string[] {
  const said: string[] = []
  if (model.inFlight > 0) said.push(words.inFlight(model.inFlight))
  if (model.queued > 0) said.push(words.queuedCount(model.queued))
  if (model.state === 'ready' && said.length === 0) said.push(words.idle)
  if (model.state === 'ready') said.push(model.ttlMs === null ? words.stays : words.rests(duration(model.ttlMs)))
  if (model.state === 'stopped') said.push(model.lastUsedAt ? words.lastUsed(ago(model.lastUsedAt)) : words.neverUsed)
  return said
}

/** What is being waited for: share (null = unknown) and words. */
export function progressOf(
  model: ModelView,
): { readonly share: number | null; readonly said: readonly string[] } | null {
  if (model.state !== 'starting' && model.state !== 'loading' && model.state !== 'queued') return null
  const { progress } = model
  const said = [model.etaSeconds === null ? words.etaUnknown : words.eta(duration(model.etaSeconds * 1000))]
  if (!progress) return { share: null, said }
  if (progress.totalBytes !== null) said.unshift(words.ofTotal(bytes(progress.doneBytes), bytes(progress.totalBytes)))
  else said.unshift(bytes(progress.doneBytes))
  if (progress.bytesPerSecond !== null) said.push(words.speed(bytes(progress.bytesPerSecond)))
  return { share: progress.totalBytes ? progress.doneBytes / progress.totalBytes : null, said }
}

export function memoryOf(model: ModelView): string {
  const { memoryBytes } = model
  if (!memoryBytes) return strings.unknown
  return `${bytes(memoryBytes.value)} ${memoryBytes.from === 'measured' ? words.measured : words.estimated}`
}

export function factsOf(model: ModelView): readonly string[] {
  const said = model.context === null ? [] : [words.context(contextWords(model.context))]
  if (model.from === 'overlay') said.push(words.fromOverlay)
  if (model.from === 'builtin') said.push(words.fromBuiltin)
  return said
}

/** 32768 → `32k`, as people who choose models say it; other sizes in full. */
function contextWords(tokens: number): string {
  return tokens % 1024 === 0 ? `${number(tokens / 1024)}k` : number(tokens)
}
