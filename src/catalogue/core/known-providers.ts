import type { Provider, Reach } from './catalogue.ts'

/**
 * What Hearth knows of providers beside what is gathered elsewhere: addresses, dialects and quirks, as their own
 * documentation tells them. It goes before what an imported document says, so that no document can lead the keys of
 * these to another address.
 */
export type KnownProvider = Partial<
  Pick<Provider, 'kind' | 'apis' | 'reach' | 'isLocal' | 'hasList' | 'refusesStreamOptions'>
>

const at = (baseUrl: string): { readonly reach: Reach } => ({ reach: { kind: 'address', baseUrl } })
const ownAddress = (form: string): { readonly reach: Reach } => ({ reach: { kind: 'own_address', form } })
const none = (why: string): { readonly reach: Reach } => ({ reach: { kind: 'none', why } })

const noList = { hasList: false } as const
const messages = { kind: 'anthropic', apis: ['messages'] } as const

/** With an API of its own that no dialect of Hearth's reaches. */
const ownApi = none('It is spoken to in an API of its own that Hearth does not speak.')

export const knownProviders: Readonly<Record<string, KnownProvider>> = {
  // Those who make models.
  anthropic: { ...messages, ...at('https://api.anthropic.com/v1') },
  openai: { ...at('https://api.openai.com/v1'), apis: ['responses', 'chat'] },
  google: { ...at('https://generativelanguage.googleapis.com/v1beta/openai'), kind: 'gemini' },
  mistral: { ...at('https://api.mistral.ai/v1'), refusesStreamOptions: true },
  cohere: { ...at('https://api.cohere.ai/compatibility/v1'), ...noList, refusesStreamOptions: true },
  xai: { ...at('https://api.x.ai/v1'), apis: ['chat', 'responses'] },
  perplexity: { ...at('https://api.perplexity.ai'), ...noList },
  'perplexity-agent': { ...at('https://api.perplexity.ai/v1'), apis: ['responses'], ...noList },
  deepseek: at('https://api.deepseek.com'),
  moonshotai: at('https://api.moonshot.ai/v1'),
  'moonshotai-cn': at('https://api.moonshot.cn/v1'),
  'kimi-for-coding': { ...messages, ...at('https://api.kimi.com/coding/v1'), ...noList },
  zai: { ...at('https://api.z.ai/api/paas/v4'), ...noList },
  'zai-coding-plan': { ...at('https://api.z.ai/api/coding/paas/v4'), ...noList },
  zhipuai: { ...at('https://open.bigmodel.cn/api/paas/v4'), ...noList },
  'zhipuai-coding-plan': { ...at('https://open.bigmodel.cn/api/coding/paas/v4'), ...noList },
  minimax: { ...messages, ...at('https://api.minimax.io/anthropic/v1'), ...noList },
  'minimax-cn': { ...messages, ...at('https://api.minimaxi.com/anthropic/v1'), ...noList },
  'minimax-coding-plan': { ...messages, ...at('https://api.minimax.io/anthropic/v1'), ...noList },
  'minimax-cn-coding-plan': { ...messages, ...at('https://api.minimaxi.com/anthropic/v1'), ...noList },
  alibaba: at('https://dashscope-intl.aliyuncs.com/compatible-mode/v1'),
  'alibaba-cn': at('https://dashscope.aliyuncs.com/compatible-mode/v1'),
  bailing: { ...at('https://api.tbox.cn/api/llm/v1'), ...noList },

  // Those who run them.
  groq: { ...at('https://api.groq.com/openai/v1'), apis: ['chat', 'responses'] },
  togetherai: at('https://api.together.xyz/v1'),
  'fireworks-ai': at('https://api.fireworks.ai/inference/v1'),
  cerebras: at('https://api.cerebras.ai/v1'),
  deepinfra: at('https://api.deepinfra.com/v1/openai'),
  nvidia: at('https://integrate.api.nvidia.com/v1'),
  nebius: at('https://api.tokenfactory.nebius.com/v1'),
  'novita-ai': at('https://api.novita.ai/openai'),
  'github-models': { ...at('https://models.github.ai/inference'), ...noList },
  huggingface: at('https://router.huggingface.co/v1'),

  // Those who stand before others.
  openrouter: at('https://openrouter.ai/api/v1'),
  vercel: at('https://ai-gateway.vercel.sh/v1'),
  venice: at('https://api.venice.ai/api/v1'),
  v0: { ...at('https://api.v0.dev/v1'), ...noList },
  aihubmix: at('https://aihubmix.com/v1'),
  poe: at('https://api.poe.com/v1'),

  // Programs on this machine.
  lmstudio: { ...at('http://127.0.0.1:1234/v1'), isLocal: true },
  'atomic-chat': { ...at('http://127.0.0.1:1337/v1'), isLocal: true },

  // Whose address belongs to the account, or whose keys are none that one can write down.
  azure: none('Its address and its models are your own: write `kind: azure` with a baseUrl and models, no provider.'),
  'azure-cognitive-services': none(
    'Its address and its models are your own: write `kind: azure` with a baseUrl and models, no provider.',
  ),
  'amazon-bedrock': none('Its requests are signed with keys of AWS, which Hearth does not do.'),
  'google-vertex': none('It takes short-lived tokens of a service account, which Hearth does not fetch.'),
  'google-vertex-anthropic': none('It takes short-lived tokens of a service account, which Hearth does not fetch.'),
  'github-copilot': none('Its tokens belong to an editor that somebody has signed in to.'),
  'sap-ai-core': none('It takes short-lived tokens of a service key, which Hearth does not fetch.'),
  'privatemode-ai': none('It is reached through a program of its own on this machine: write its baseUrl, no provider.'),
  gitlab: ownApi,
  'merge-gateway': ownApi,
  'cloudflare-ai-gateway': ownAddress(
    'https://gateway.ai.cloudflare.com/v1/${CLOUDFLARE_ACCOUNT_ID}/${CLOUDFLARE_GATEWAY_ID}/compat',
  ),
}

export { ownApi }
