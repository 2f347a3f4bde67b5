import { type Answer, type Conversation, emptyConversation, newAnswer, type Question } from './conversation.ts'

/** A short conversation for tests. */
export const question = (id: number, content = 'Hi'): Question => ({ role: 'user', id, content, images: [] })
export const answer = (more: Partial<Answer> = {}): Answer => ({
  ...newAnswer(2, 'main', 'hearth/smoke'),
  content: 'Hello.',
  reasoning: 'They greet me.',
  state: { kind: 'complete', reason: 'stop' },
  usage: { promptTokens: 3, completionTokens: 11 },
  firstWordMs: 500,
  totalMs: 1500,
  ...more,
})
export const talk = (more: Partial<Conversation> = {}): Conversation => ({
  ...emptyConversation,
  turns: [question(1), answer()],
  ...more,
})
