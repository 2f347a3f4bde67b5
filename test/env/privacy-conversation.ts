import { placeholdersIn, type SeenPlaceholder } from '../fakes/captive-cloud/placeholders.ts'
import type { Behaviour, CaptiveCloud } from '../fakes/captive-cloud/start.ts'
import { drivers, type Ask, type AskTurn, type Clients, type DriverName, type Got } from './conformance-clients.ts'
import { people, turns } from './privacy-people.ts'

export interface ConversationPlan {
  readonly driver: DriverName
  readonly model: string
  readonly isStream: boolean
  /** In its first words, so that it is a conversation of its own. */
  readonly salt: string
  readonly cut: number | string
}

/** One turn as both sides saw it. */
export interface Turn {
  readonly behaviour: Behaviour['kind'] | 'result'
  readonly asked: string
  readonly got: Got
  /** What the cloud said, in its words. */
  readonly said: string
  /** The request that the cloud got. */
  readonly body: string
}

export const toolResult = `Sent to ${people.bobbyMail}, "copied" to ${people.aliceMail}.`
export const inventions = 'See [EMAIL_9ZB9], PERSON_0B0B and [IBAN_4C4C].'

/** The sentence for the model has an example in it. */
const example = '[PERSON_7KQ2]'

export const placeholdersOf = (body: string): readonly SeenPlaceholder[] =>
  placeholdersIn(body).filter(({ whole }) => whole !== example)

/** Ten turns with a tool in the second, and a cloud that does something else in each. */
export async function converse(
  clients: Clients,
  cloud: CaptiveCloud,
  plan: ConversationPlan,
): Promise<readonly Turn[]> {
  const told: Turn[] = []
  const history: AskTurn[] = []
  const ask = async (behaviour: Behaviour, turn: AskTurn, name: Turn['behaviour'], asked: string): Promise<Got> => {
    cloud.play({ behaviour, cut: plan.cut, delta: 1 + (told.length % 5), lineEnd: told.length % 2 ? '\r\n' : '\n' })
    history.push(turn)
    const whole: Ask = { system: 'Be short.', turns: [...history], hasTool: true, thinks: true }
    const got = await drivers[plan.driver](clients, whole, { model: plan.model, isStream: plan.isStream })
    history.push({ kind: 'answer', got })
    told.push({ behaviour: name, asked, got, said: cloud.said, body: cloud.captured.lastBody })
    return got
  }
  for (const [index, words] of turns.entries()) {
    const text = index === 0 ? `${plan.salt}: ${words}` : words
    const behaviour = behaviourOf(index, told[0]?.body ?? '')
    const got = await ask(behaviour, { kind: 'user', text }, behaviour.kind, text)
    if (got.calls.length === 0) continue
    const results = got.calls.map(({ id }) => ({ id, text: toolResult }))
    await ask({ kind: 'echo' }, { kind: 'results', results }, 'result', toolResult)
  }
  return told
}

function behaviourOf(turn: number, firstBody: string): Behaviour {
  switch (turn) {
    case 1:
      return { kind: 'tools' }
    case 2:
      return { kind: 'rephrase' }
    // What was said first is remembered in the fifth turn.
    case 4:
      return {
        kind: 'say',
        text: `It was ${placeholdersOf(firstBody)
          .map(({ whole }) => whole)
          .join(' and ')}.`,
      }
    case 5:
      return { kind: 'truncate', characters: truncatedAt }
    case 7:
      return { kind: 'say', text: inventions }
    default:
      return { kind: 'echo' }
  }
}

export const truncatedAt = 9
