import type { PullView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { CliError, exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { follow } from '../follow.ts'
import { bytesText, secondsText } from '../format.ts'
import { answer, jsonLine } from '../output.ts'
import { progressLine } from '../progress-bar.ts'
import { renderTable } from '../table.ts'

export const pullCommand: Command = {
  name: 'pull',
  summary: 'fetch a model from Hugging Face and add it',
  details:
    'The house fetches, not this command: Ctrl-C leaves it running, "hearth pull REF" joins it again, --cancel ends it.\nWithout REF the pulls are listed.',
  positionals: [{ name: 'REF', isOptional: true }],
  options: [
    { name: 'id', kind: 'text', value: 'NAME', summary: 'the name that callers will use; default from the file' },
    { name: 'detach', short: 'd', kind: 'flag', summary: 'do not wait until it is done' },
    { name: 'cancel', kind: 'text', value: 'ID', summary: 'end a running pull' },
  ],
  examples: ['hearth pull Qwen/Qwen3-4B-GGUF:Q4_K_M --id qwen', 'hearth pull org/repo:file.gguf --detach'],
  run: pull,
}

async function pull(call: Call): Promise<ExitCode> {
  const ref = call.positionals[0]
  const cancel = call.flags.text('cancel')
  if (cancel !== null) {
    if (ref !== undefined) throw usageError('--cancel takes the id of a pull and no REF besides.')
    const view = await call.hearth().pulls.cancel(cancel)
    return answer(call, view, () => `The pull of ${view.ref} is ${view.state}.`)
  }
  if (ref === undefined) return list(call)
  const id = call.flags.text('id')
  const ask = { ref, ...(id === null ? {} : { id }) }
  if (call.flags.has('detach')) {
    const view = await call.hearth().pulls.create(ask)
    return answer(call, view, () => `The house fetches ${view.ref} (${view.id}). "hearth pull" tells how far it is.`)
  }
  return watch(call, ask)
}

async function list(call: Call): Promise<ExitCode> {
  const pulls = await call.hearth().pulls.list()
  return answer(call, pulls, () =>
    pulls.data.length === 0
      ? 'Nothing is being pulled. "hearth models suggest" names some models.'
      : renderTable<PullView>({
          terminal: call.terminal,
          rows: pulls.data,
          columns: [
            { title: 'ID', cell: (row) => row.id },
            { title: 'STATE', cell: (row) => row.state, style: (row) => (row.state === 'failed' ? 'red' : null) },
            {
              title: 'DONE',
              cell: (row) => `${bytesText(row.doneBytes)} of ${bytesText(row.totalBytes)}`,
              isRight: true,
            },
            { title: 'LEFT', cell: (row) => secondsText(row.etaSeconds), isRight: true },
            { title: 'MODEL', cell: (row) => row.modelId ?? '-' },
            { title: 'REF', cell: (row) => row.ref, isFlexible: true },
            { title: 'FAILURE', cell: (row) => row.failure ?? '', isFlexible: true },
          ],
        }),
  )
}

async function watch(call: Call, ask: { readonly ref: string; readonly id?: string }): Promise<ExitCode> {
  const hearth = call.hearth()
  const show = createShow(call)
  using _ = call.terminal.onInterrupt(() => {
    call.terminal.note(`The house goes on fetching ${ask.ref}. "hearth pull" tells how far it is.`)
    process.exit(exitCodes.interrupted)
  })
  const view = await follow<PullView>({
    hearth,
    types: ['pull.progress'],
    begin: () => hearth.pulls.create(ask),
    read: async (before) => (await hearth.pulls.list()).data.find((candidate) => candidate.id === before.id) ?? before,
    take: (event, before) =>
      event.type === 'pull.progress' && event.data.pull.id === before.id ? event.data.pull : null,
    isOver: ({ state }) => state === 'done' || state === 'failed' || state === 'cancelled',
    show,
  })
  call.terminal.transient(null)
  if (view.state === 'done') {
    if (!call.isJson) call.terminal.out(doneText(view))
    return exitCodes.ok
  }
  const why = view.state === 'cancelled' ? 'was cancelled' : `failed: ${view.failure ?? 'the house gives no reason'}`
  throw new CliError(exitCodes.failure, `The pull of ${view.ref} ${why}`, { code: `pull_${view.state}` })
}

const doneText = ({ modelId, ref }: PullView): string =>
  modelId === null ? `${ref} is here.` : `${modelId} is ready to use: hearth chat ${modelId}`

/** A bar where stderr is a terminal; elsewhere a line at every change of state and every ten per cent. */
function createShow(call: Call): (view: PullView) => void {
  const { terminal } = call
  let told = ''
  return (view) => {
    if (call.isJson) return terminal.out(jsonLine(view))
    const name = view.modelId ?? view.ref
    const label = view.state === 'running' ? name : `${name} (${view.state})`
    if (terminal.transientWidth !== null) {
      return terminal.transient(progressLine({ ...view, label }, terminal.transientWidth - 1))
    }
    const percent = view.totalBytes ? Math.floor((view.doneBytes / view.totalBytes) * 10) * 10 : 0
    if (told === `${view.state} ${percent}`) return
    told = `${view.state} ${percent}`
    terminal.note(progressLine({ ...view, label }, 60))
  }
}
