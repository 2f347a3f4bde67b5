/** Up to these budgets of thought, in tokens. */
const lowBudget = 4096
const mediumBudget = 16_384

/** A budget in tokens, for dialects that know efforts only. */
export function effortOfBudget(tokens: number): 'low' | 'medium' | 'high' {
  if (tokens <= lowBudget) return 'low'
  return tokens <= mediumBudget ? 'medium' : 'high'
}
