import { resolve } from 'node:path'
import type { CallableModel, LibraryFile, ModelView, NewModel, Suggestion } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { urlOf } from '../connect.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { bytesText, countText, secondsText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'
import type { Style } from '../terminal.ts'

const stateStyles: Readonly<Record<string, Style>> = {
  ready: 'green',
  failed: 'red',
  queued: 'yellow',
  starting: 'yellow',
  loading: 'yellow',
  draining: 'yellow',
  stopping: 'yellow',
}

export async function listModels(call: Call): Promise<ExitCode> {
  if (call.flags.has('all')) return listCallable(call)
  const models = await call.hearth().models.list()
  return answer(call, models, () =>
    models.data.length === 0
      ? 'There are no models. "hearth models suggest" names some.'
      : renderTable<ModelView>({
          terminal: call.terminal,
          rows: models.data,
          columns: [
            { title: 'ID', cell: (row) => row.id },
            { title: 'STATE', cell: stateText, style: (row) => stateStyles[row.state] ?? null },
            { title: 'CONTEXT', cell: (row) => countText(row.context), isRight: true },
            { title: 'MEMORY', cell: memoryText, isRight: true },
            { title: 'BUSY', cell: (row) => `${row.inFlight}${row.queued > 0 ? `+${row.queued}` : ''}`, isRight: true },
            { title: 'FROM', cell: (row) => row.from },
            { title: 'NOTE', cell: (row) => row.failure ?? row.label ?? '', whenNarrow: 'below' },
          ],
        }),
  )
}

/** The state with what there is to wait for: `loading 40%, 12s`. */
export function stateText(model: ModelView): string {
  const { state, phase, progress, etaSeconds } = model
  if (state === 'ready' || state === 'stopped' || state === 'failed') return state
  const total = progress?.totalBytes ?? null
  const percent = progress && total ? ` ${Math.floor((progress.doneBytes / total) * 100)}%` : ''
  const left = etaSeconds === null ? '' : `, ${secondsText(etaSeconds)}`
  return `${phase?.replaceAll('_', ' ') ?? state}${percent}${left}`
}

/** `~` marks an estimate: nothing was measured yet. */
const memoryText = ({ memoryBytes }: ModelView): string =>
  memoryBytes === null ? '-' : `${memoryBytes.from === 'estimated' ? '~' : ''}${bytesText(memoryBytes.value)}`

async function listCallable(call: Call): Promise<ExitCode> {
  const models = await call.hearth().models.callable()
  return answer(call, models, () =>
    renderTable<CallableModel>({
      terminal: call.terminal,
      rows: models.data,
      columns: [
        { title: 'NAME', cell: (row) => row.id },
        {
          title: 'STATE',
          cell: (row) => row.hearth?.state ?? '-',
          style: (row) => stateStyles[row.hearth?.state ?? ''] ?? null,
        },
        { title: 'BY', cell: (row) => row.owned_by },
        { title: 'CAN', cell: (row) => row.hearth?.capabilities?.join(',') ?? '-' },
        { title: 'NOTE', cell: (row) => row.hearth?.label ?? '', whenNarrow: 'below' },
      ],
    }),
  )
}

export async function addModel(call: Call): Promise<ExitCode> {
  const { flags, rest } = call
  const file = flags.text('file')
  const hf = flags.text('hf')
  const sources = [file, hf, rest[0]].filter((source) => source !== null && source !== undefined)
  if (sources.length !== 1)
    throw usageError('A model comes from exactly one of --file FILE, --hf REPO:FILE, or a command after --.')
  const context = flags.number('context')
  const memory = flags.text('memory')
  const ttl = flags.text('ttl')
  const model: NewModel = {
    id: call.positionals[0] ?? '',
    // the house has another working folder; over --url the file is on its machine, and only an absolute path means
    // something
    ...(file === null ? {} : { file: urlOf(flags, call.environment) === null ? resolve(file) : file }),
    ...(hf === null ? {} : { hf }),
    ...(rest.length === 0 ? {} : { cmd: rest }),
    ...(context === null ? {} : { context }),
    ...(memory === null ? {} : { memory }),
    ...(ttl === null ? {} : { ttl }),
  }
  const added = await call.hearth().models.add(model)
  return answer(call, added, () => `${model.id} is added. "hearth chat ${model.id}" starts it.`)
}

export async function removeModel(call: Call): Promise<ExitCode> {
  const id = call.positionals[0] ?? ''
  await confirm(call, `${id} is stopped and taken out of the models; its file stays. Go on?`)
  await call.hearth().models.remove(id)
  return answer(call, { id, isRemoved: true }, () => `${id} is removed.`)
}

export async function listFiles(call: Call): Promise<ExitCode> {
  const files = await call.hearth().library()
  return answer(call, files, () =>
    files.data.length === 0
      ? 'No model files were found on the house’s machine. "hearth models suggest" names some to pull.'
      : renderTable<LibraryFile>({
          terminal: call.terminal,
          rows: files.data,
          columns: [
            { title: 'NAME', cell: (row) => row.name, isFlexible: true },
            { title: 'SIZE', cell: (row) => bytesText(row.sizeBytes), isRight: true },
            { title: 'FROM', cell: (row) => row.from },
            { title: 'MODEL', cell: (row) => row.id ?? '-' },
            { title: 'PATH', cell: (row) => row.path, whenNarrow: 'below' },
          ],
        }),
  )
}

export async function listSuggestions(call: Call): Promise<ExitCode> {
  const suggestions = await call.hearth().suggestions()
  if (!call.isJson) call.terminal.note(`Memory for models here: ${bytesText(suggestions.memoryBytes)}`)
  return answer(call, suggestions, () =>
    renderTable<Suggestion>({
      terminal: call.terminal,
      rows: suggestions.data,
      columns: [
        { title: 'NAME', cell: (row) => row.name },
        { title: 'FITS', cell: fitsText, style: (row) => (row.fits === true ? 'green' : 'dim') },
        { title: 'SIZE', cell: (row) => bytesText(row.sizeBytes), isRight: true },
        { title: 'MEMORY', cell: (row) => `~${bytesText(row.memoryBytes)}`, isRight: true },
        { title: 'WHAT IT IS', cell: (row) => row.description, isFlexible: true },
        { title: 'PULL WITH', cell: (row) => `hearth pull ${row.ref}`, whenNarrow: 'below' },
      ],
    }),
  )
}

const fitsText = ({ fits }: Suggestion): string => (fits === null ? '-' : fits ? 'yes' : 'no')
