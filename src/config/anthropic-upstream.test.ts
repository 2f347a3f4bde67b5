import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function upstreams(yaml: string) {
  const loaded = loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada', ANTHROPIC_API_KEY: 'sk-ant-1' }),
    file: { path: '/etc/hearth/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: () => true,
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1))
  return loaded
}

const bases = [
  ['https://api.anthropic.com', 'https://api.anthropic.com/v1'],
  ['https://api.anthropic.com/v1', 'https://api.anthropic.com/v1'],
  ['https://api.deepseek.com/anthropic', 'https://api.deepseek.com/anthropic/v1'],
  ['http://10.0.0.5:8000/', 'http://10.0.0.5:8000/v1'],
] as const

test.each(bases)('an Anthropic upstream at %s is asked at %s', (written, meant) => {
  const { config, secrets } = upstreams(`
upstreams:
  - { name: claude, kind: anthropic, baseUrl: "${written}", apiKey: "\${ANTHROPIC_API_KEY}" }
`)
  expect(config.upstreams[0]).toMatchObject({ kind: 'anthropic', baseUrl: meant, locality: null, models: ['*'] })
  expect(secrets.upstreamKeys.get('claude')).toBe('sk-ant-1')
})
