import type { Call, Command } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'
import { renderRequest } from '../requests/detail.ts'

export const requestCommand: Command = {
  name: 'request',
  summary: 'tell where the time of one request went, and who was asked',
  positionals: [{ name: 'ID', isOptional: true }],
  details: 'ID is the x-request-id of its answer; without it, it is the last request.',
  options: [{ name: 'bodies', kind: 'flag', summary: 'show what was asked and answered, where it was kept' }],
  examples: ['hearth request', 'hearth request req_… --bodies'],
  run: request,
}

async function request(call: Call): Promise<ExitCode> {
  const hearth = call.hearth()
  const id = call.positionals[0] ?? (await hearth.requests({ limit: 1 })).data[0]?.id
  if (id === undefined) throw new CliError(exitCodes.notFound, 'There are no requests yet.', { code: 'not_found' })
  const detail = await hearth.request(id)
  const hasBodies = call.flags.has('bodies')
  return answer(call, detail, () => renderRequest(detail, { terminal: call.terminal, hasBodies }))
}
