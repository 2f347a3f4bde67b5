import type { Json } from '../../conversation/conversation.ts'

const prompt = (role: string, text: string): Json => ({
  type: 'message',
  id: `msg_${role}`,
  role,
  content: [{ type: 'input_text', text }],
})

const command = {
  type: 'function',
  name: 'exec_command',
  description: 'Runs a command.',
  strict: false,
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
}

const agent = (name: string): Json => ({
  type: 'function',
  name,
  description: 'An agent of its own.',
  strict: false,
  parameters: { type: 'object', properties: { target: { type: 'string' } } },
})

const members = {
  stream: true,
  tool_choice: 'auto',
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'thread-1',
  client_metadata: { session_id: 'session-1' },
}

/** The members that Codex 0.169 sends for a model it does not know; texts are ours. */
export const codexTurn: Json = {
  model: 'tiny',
  ...members,
  input: [prompt('developer', 'You write code.'), prompt('user', 'Say hello.')],
  tools: [
    command,
    { type: 'namespace', name: 'multi_agent_v1', description: 'Agents.', tools: [agent('close_agent')] },
    { type: 'web_search', external_web_access: false },
  ],
  parallel_tool_calls: true,
  reasoning: { summary: 'auto' },
}

/** For a model that it knows: the tools stand in the input, inside namespaces, and one of them takes free text. */
export const codexTurnWithTools: Json = {
  model: 'known',
  ...members,
  input: [
    {
      type: 'additional_tools',
      id: 'at_1',
      role: 'developer',
      tools: [
        {
          type: 'namespace',
          name: 'functions',
          description: '',
          tools: [
            {
              type: 'custom',
              name: 'exec',
              description: 'Runs JavaScript.',
              format: { type: 'grammar', syntax: 'lark', definition: 'start: /[\\s\\S]+/' },
            },
            agent('wait'),
          ],
        },
        { type: 'namespace', name: 'collaboration', description: 'Agents.', tools: [agent('wait')] },
      ],
    },
    prompt('user', 'Say hello.'),
  ],
  parallel_tool_calls: false,
  reasoning: { effort: 'low', context: 'all_turns' },
  text: { verbosity: 'low' },
}

/** What it sends after the model's calls were run. */
export const codexResults: readonly Json[] = [
  {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: '**Looking**' }],
    content: null,
    encrypted_content: 'hearth-signature:c2ln',
  },
  {
    type: 'function_call',
    status: 'completed',
    id: 'fc_1',
    name: 'exec_command',
    arguments: '{"cmd":"echo hello"}',
    call_id: 'call_1',
  },
  {
    type: 'function_call',
    status: 'completed',
    id: 'fc_2',
    name: 'close_agent',
    namespace: 'multi_agent_v1',
    arguments: '{"target":"x"}',
    call_id: 'call_2',
  },
  { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'Exit code 0\nhello\n' },
  {
    type: 'function_call_output',
    id: 'fco_2',
    call_id: 'call_2',
    output: [
      { type: 'input_text', text: 'see:' },
      { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'high' },
    ],
  },
]
