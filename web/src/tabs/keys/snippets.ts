import { strings } from '../../strings.ts'

export type SnippetLanguage = keyof typeof strings.issued.snippets

/** The first request, ready to paste: unmodified OpenAI clients, only the address and the key are Hearth's. */
export function snippetsFor(given: {
  address: string
  key: string
  model: string
}): Readonly<Record<SnippetLanguage, string>> {
  const base = `${given.address}/v1`
  const model = JSON.stringify(given.model)
  const question = JSON.stringify(strings.issued.question)
  return {
    curl: `curl ${base}/chat/completions \\
  -H "Authorization: Bearer ${given.key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": ${model}, "messages": [{"role": "user", "content": ${question}}]}'`,
    python: `from openai import OpenAI

client = OpenAI(base_url="${base}", api_key="${given.key}")
answer = client.chat.completions.create(
    model=${model},
    messages=[{"role": "user", "content": ${question}}],
)
print(answer.choices[0].message.content)`,
    typescript: `import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: '${base}',
  apiKey: '${given.key}',
})
const answer = await client.chat.completions.create({
  model: ${model},
  messages: [{ role: 'user', content: ${question} }],
})
console.log(answer.choices[0]?.message.content)`,
  }
}
