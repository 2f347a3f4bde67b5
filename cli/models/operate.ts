import type { ModelView, OperationAnswer } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { follow } from '../follow.ts'
import { answer } from '../output.ts'
import { stateText } from './lists.ts'

type Verb = 'load' | 'unload'

/**
 * First the plan in plain words, then the confirmation, then exactly that plan: its hash goes along, and a house whose
 * state has changed meanwhile refuses it.
 */
export async function operateModel(call: Call, verb: Verb): Promise<ExitCode> {
  const id = call.positionals[0] ?? ''
  const hearth = call.hearth()
  const shown = await hearth.models.plan(id, verb)
  const isDryRun = call.flags.has('dry-run')
  if (!call.isJson) describePlan(call, shown)
  if (shown.plan.obstacles.length > 0) {
    if (isDryRun) return answerPlan(call, shown)
    throw new CliError(exitCodes.failure, `${id} cannot be ${verb}ed: ${shown.plan.obstacles.join(' ')}`, {
      code: 'obstacle',
    })
  }
  if (isDryRun || shown.plan.steps.length === 0) return answerPlan(call, shown)
  await confirm(call, verb === 'load' ? `Load ${id}?` : `Unload ${id}?`)
  const apply = (): Promise<OperationAnswer> => hearth.models[verb](id, { hash: shown.plan.hash })
  if (call.flags.has('no-wait')) return answerPlan(call, await apply())
  return wait(call, { id, verb, apply })
}

function describePlan(call: Call, { plan, model }: OperationAnswer): void {
  if (plan.steps.length === 0 && plan.obstacles.length === 0)
    call.terminal.note(`Nothing to do: ${model.id} is ${model.state}.`)
  for (const effect of plan.effects) call.terminal.note(`  - ${effect}`)
  for (const obstacle of plan.obstacles)
    call.terminal.note(`  ${call.terminal.paint('red', 'in the way:')} ${obstacle}`)
}

function answerPlan(call: Call, result: OperationAnswer): ExitCode {
  const code = result.plan.obstacles.length > 0 ? exitCodes.failure : exitCodes.ok
  if (call.isJson) answer(call, result, () => '')
  else call.terminal.out(`${result.model.id} is ${stateText(result.model)}.`)
  return code
}

async function wait(
  call: Call,
  of: { readonly id: string; readonly verb: Verb; readonly apply: () => Promise<OperationAnswer> },
): Promise<ExitCode> {
  const { id, verb } = of
  const hearth = call.hearth()
  const applied: { answer?: OperationAnswer } = {}
  const model = await follow<ModelView>({
    hearth,
    types: ['model.state'],
    begin: async () => (applied.answer = await of.apply()).model,
    read: () => hearth.models.get(id),
    take: (event) => (event.type === 'model.state' && event.data.model.id === id ? event.data.model : null),
    isOver: ({ state }) => state === 'failed' || state === (verb === 'load' ? 'ready' : 'stopped'),
    show: (seen) => call.terminal.transient(`${id}: ${stateText(seen)}`),
  })
  call.terminal.transient(null)
  if (model.state === 'failed') {
    throw new CliError(exitCodes.failure, `${id} failed: ${model.failure ?? 'the house gives no reason'}`, {
      code: 'model_failed',
      hint: `"hearth logs ${id}" shows what its engine said.`,
    })
  }
  return answer(call, { ...applied.answer, model }, () => `${id} is ${model.state}.`)
}
