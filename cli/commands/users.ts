import type { Role, UserView } from '../../sdk/typescript/index.ts'
import type { Call, Command, Option } from '../command.ts'
import { confirm } from '../confirm.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

const roles: readonly Role[] = ['admin', 'developer', 'user', 'viewer']

const role: Option = { name: 'role', kind: 'text', value: 'ROLE', summary: 'what they may do', choices: roles }
const team: Option = {
  name: 'team',
  kind: 'list',
  value: 'TEAM',
  summary: 'a team they belong to; the first one counts',
}
const email: Option = {
  name: 'email',
  kind: 'text',
  value: 'ADDRESS',
  summary: 'an e-mail address, also for signing in',
}
const yes: Option = { name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }
const who = [{ name: 'USER' }]

export const usersCommand: Command = {
  name: 'users',
  summary: 'people who may sign in: add, change, put out, remove',
  run: list,
  subcommands: [
    { name: 'list', summary: 'list everybody who may sign in', run: list },
    {
      name: 'add',
      summary: 'make a user; stdout gets the link with which they choose a password, once',
      positionals: [{ name: 'NAME' }],
      options: [role, team, email],
      examples: ['hearth users add ada --role developer --team lab'],
      run: add,
    },
    {
      name: 'set',
      summary: 'change a user; what is not said stays',
      positionals: who,
      options: [role, team, email],
      run: set,
    },
    {
      name: 'deactivate',
      summary: 'put a user out at once: keys are revoked, sign-ins and running answers end',
      positionals: who,
      options: [yes],
      run: deactivate,
    },
    { name: 'activate', summary: 'let a user in again, without the keys of before', positionals: who, run: activate },
    {
      name: 'remove',
      summary: 'put a user out and forget the names; what they used stays counted',
      positionals: who,
      options: [yes],
      run: remove,
    },
    {
      name: 'reset-password',
      summary: 'make a link for choosing a new password, good once for a day; stdout gets the link alone',
      positionals: who,
      run: resetPassword,
    },
    {
      name: 'invite',
      summary: 'make a link with which somebody becomes a user, good once for a week; stdout gets the link alone',
      options: [role, team],
      run: invite,
    },
  ],
}

async function list(call: Call): Promise<ExitCode> {
  const users = await call.hearth().users.list()
  return answer(call, users, () =>
    users.data.length === 0
      ? 'There are no users. "hearth users add NAME" makes one.'
      : renderTable<UserView>({
          terminal: call.terminal,
          rows: users.data,
          columns: [
            { title: 'NAME', cell: (user) => user.username },
            { title: 'STATE', cell: stateOf, style: (user) => (user.isActive ? null : 'red') },
            { title: 'ROLE', cell: (user) => user.role },
            { title: 'TEAMS', cell: (user) => user.teams.join(',') || '-', isFlexible: true },
            { title: 'E-MAIL', cell: (user) => user.email ?? '-', isFlexible: true },
            { title: 'LAST SIGN-IN', cell: (user) => timeText(user.lastSignInAt) },
            { title: 'ID', cell: (user) => user.id },
          ],
        }),
  )
}

function stateOf({ isActive, hasPassword }: UserView): string {
  if (!isActive) return 'out'
  return hasPassword ? 'active' : 'invited'
}

async function add(call: Call): Promise<ExitCode> {
  const username = call.positionals[0] ?? ''
  const user = await call.hearth().users.create({ username, ...said(call) })
  return showLink(
    call,
    user,
    user.passwordLink?.url ?? '',
    `${user.username} (${user.id}) is made. Send them this link:`,
  )
}

async function set(call: Call): Promise<ExitCode> {
  const change = said(call)
  if (Object.keys(change).length === 0) throw usageError('Say what is to change: --role, --team or --email.')
  const user = await call.hearth().users.change(call.positionals[0] ?? '', change)
  return answer(call, user, () => `${user.username} is ${user.role}, in ${user.teams.join(', ') || 'no team'}.`)
}

async function deactivate(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? ''
  await confirm(call, `${name} is out from now on; their keys are revoked for good. Go on?`)
  const user = await call.hearth().users.change(name, { isActive: false })
  return answer(call, user, () => `${user.username} is out.`)
}

async function activate(call: Call): Promise<ExitCode> {
  const user = await call.hearth().users.change(call.positionals[0] ?? '', { isActive: true })
  return answer(call, user, () => `${user.username} may sign in again.`)
}

async function remove(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? ''
  await confirm(call, `${name} is out from now on and forgotten; their keys are revoked for good. Go on?`)
  const user = await call.hearth().users.remove(name)
  return answer(call, user, () => `${user.username} is removed.`)
}

async function resetPassword(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? ''
  const link = await call.hearth().users.passwordLink(name)
  return showLink(call, link, link.url, `With this link ${name} chooses a new password, once, within a day:`)
}

async function invite(call: Call): Promise<ExitCode> {
  const { role, teams } = said(call)
  const link = await call.hearth().users.invite({ ...(role ? { role } : {}), ...(teams ? { teams } : {}) })
  return showLink(call, link, link.url, `With this link somebody becomes a user (${link.role}), once, within a week:`)
}

function said({ flags }: Call): { role?: Role; teams?: readonly string[]; email?: string } {
  const role = roles.find((one) => one === flags.text('role'))
  const email = flags.text('email')
  return {
    ...(role === undefined ? {} : { role }),
    ...(flags.has('team') ? { teams: flags.list('team') } : {}),
    ...(email === null ? {} : { email }),
  }
}

/** The link goes to stdout alone, so that a script can take it. */
function showLink(call: Call, value: unknown, url: string, remark: string): ExitCode {
  if (call.isJson) return answer(call, value, () => '')
  call.terminal.note(remark)
  return answer(call, value, () => url)
}
