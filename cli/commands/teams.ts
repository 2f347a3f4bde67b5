import type { TeamView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

export const teamsCommand: Command = {
  name: 'teams',
  summary: 'whom work is counted for together',
  run: list,
  subcommands: [
    { name: 'list', summary: 'list the teams, with how many people and keys they have', run: list },
    {
      name: 'add',
      summary: 'make a team',
      positionals: [{ name: 'ID' }, { name: 'NAME', isOptional: true }],
      examples: ['hearth teams add lab "The Laboratory"'],
      run: add,
    },
    {
      name: 'rename',
      summary: 'give a team another name',
      positionals: [{ name: 'ID' }, { name: 'NAME' }],
      run: rename,
    },
    { name: 'remove', summary: 'remove a team without people and keys', positionals: [{ name: 'ID' }], run: remove },
  ],
}

async function list(call: Call): Promise<ExitCode> {
  const teams = await call.hearth().teams.list()
  return answer(call, teams, () =>
    teams.data.length === 0
      ? 'There are no teams. "hearth teams add ID" makes one.'
      : renderTable<TeamView>({
          terminal: call.terminal,
          rows: teams.data,
          columns: [
            { title: 'ID', cell: (team) => team.id },
            { title: 'NAME', cell: (team) => team.name, isFlexible: true },
            { title: 'PEOPLE', cell: (team) => String(team.members) },
            { title: 'KEYS', cell: (team) => String(team.keys) },
          ],
        }),
  )
}

async function add(call: Call): Promise<ExitCode> {
  const [id = '', name] = call.positionals
  const team = await call.hearth().teams.create({ id, ...(name === undefined ? {} : { name }) })
  return answer(call, team, () => `The team ${team.id} (${team.name}) is made.`)
}

async function rename(call: Call): Promise<ExitCode> {
  const [id = '', name = ''] = call.positionals
  const team = await call.hearth().teams.rename(id, name)
  return answer(call, team, () => `The team ${team.id} is called ${team.name}.`)
}

async function remove(call: Call): Promise<ExitCode> {
  const team = await call.hearth().teams.remove(call.positionals[0] ?? '')
  return answer(call, team, () => `The team ${team.id} is removed.`)
}
