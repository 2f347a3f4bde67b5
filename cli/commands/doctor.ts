import type { Call, Command } from '../command.ts'
import { askLive } from '../doctor/live.ts'
import { askMachine } from '../doctor/machine.ts'
import { renderReport, summarise } from '../doctor/report.ts'
import type { Finding } from '../doctor/report.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look for what could go wrong: this machine, its settings, and with --live a running house',
  details: 'Changes nothing. Ends with 1 when something failed, with 0 when there are only warnings.',
  options: [
    { name: 'live', kind: 'flag', summary: 'ask the running house, too: status, upstreams, events, a token' },
    { name: 'config', kind: 'text', value: 'FILE', summary: 'check this file instead of hearth.yaml in HEARTH_HOME' },
    { name: 'no-token', kind: 'flag', summary: 'leave out the token through the smoke model, which starts an engine' },
  ],
  run: doctor,
}

async function doctor(call: Call): Promise<ExitCode> {
  // a house elsewhere says nothing about this machine
  const isElsewhere = call.flags.has('live') && call.flags.has('url')
  const findings: Finding[] = isElsewhere ? [] : [...(await askMachine(call))]
  if (call.flags.has('live')) findings.push(...(await askLive(call)))
  const summary = summarise(findings)
  if (call.isJson) call.terminal.out(JSON.stringify({ findings, summary }, null, 2))
  else call.terminal.out(renderReport(findings, call.terminal))
  return summary.fail > 0 ? exitCodes.failure : exitCodes.ok
}
