import type { Command } from '../command.ts'
import { adminCommand } from './admin.ts'
import { allowancesCommand } from './allowances.ts'
import { auditCommand } from './audit.ts'
import { catalogueCommand } from './catalogue.ts'
import { chatCommand } from './chat.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { engineCommand } from './engine.ts'
import { envCommand } from './env.ts'
import { eventsCommand } from './events.ts'
import { helpCommand } from './help.ts'
import { keysCommand } from './keys.ts'
import { loginCommand } from './login.ts'
import { logsCommand } from './logs.ts'
import { modelsCommand } from './models.ts'
import { openCommand } from './open.ts'
import { poolsCommand } from './pools.ts'
import { privacyCommand } from './privacy.ts'
import { pullCommand } from './pull.ts'
import { requestCommand } from './request.ts'
import { requestsCommand } from './requests.ts'
import { routesCommand } from './routes.ts'
import { rehydrateCommand, scrubCommand } from './scrub.ts'
import { serveCommand } from './serve.ts'
import { statusCommand } from './status.ts'
import { tlsCommand } from './tls.ts'
import { teamsCommand } from './teams.ts'
import { usageCommand } from './usage.ts'
import { usersCommand } from './users.ts'
import { versionCommand } from './version.ts'

/** All commands, in the order of their help. */
export const commands: readonly Command[] = [
  serveCommand,
  statusCommand,
  chatCommand,
  modelsCommand,
  catalogueCommand,
  pullCommand,
  keysCommand,
  usersCommand,
  teamsCommand,
  loginCommand,
  envCommand,
  openCommand,
  logsCommand,
  eventsCommand,
  requestsCommand,
  requestCommand,
  routesCommand,
  poolsCommand,
  usageCommand,
  allowancesCommand,
  auditCommand,
  scrubCommand,
  rehydrateCommand,
  privacyCommand,
  configCommand,
  tlsCommand,
  engineCommand,
  adminCommand,
  doctorCommand,
  completionCommand,
  versionCommand,
  helpCommand,
]
