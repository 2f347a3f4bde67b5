import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cores, pinned, root } from './machine.ts'
import { answers, freePort, paths, target, withFolder, type Mock, type Target } from './targets.ts'

/** Gateways that Hearth is measured beside. Which there are, and how they come here: peers/README.md. */

const litellmVersion = '1.102.4'
const key = 'sk-bench'
const bearer = { authorization: `Bearer ${key}` }

/** All that are here. Keys are checked where a peer can, usage is kept where it can. */
export async function startPeers(mock: Mock, stack: AsyncDisposableStack): Promise<readonly Target[]> {
  const found: Target[] = []
  const goModel = process.env['BENCH_GOMODEL']
  if (goModel === undefined) console.log('GoModel is left out: BENCH_GOMODEL does not say where it is.')
  else found.push(stack.use(await startGoModel(mock, goModel)))
  if (process.env['BENCH_LITELLM'] === '0') console.log('LiteLLM is left out: BENCH_LITELLM=0.')
  else found.push(stack.use(await startLiteLlm(mock)))
  found.push(stack.use(await startPortkey(mock)))
  return found
}

export async function startPortkey({ port: samePort, chatPort }: Mock): Promise<Target> {
  const folder = join(root, 'bench/peers')
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(program)) await install(['npm', 'install', '--no-package-lock', '--ignore-scripts'], folder)
  const port = await freePort()
  const child = Bun.spawn([...pinned(cores.measured, ['node', program, '--headless', `--port=${port}`])], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    stdout: 'ignore',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  await answers(port)
  return target({
    name: 'portkey',
    port,
    child,
    ask: (dialect, upstream) => ({
      path: paths[dialect],
      model: 'echo',
      headers: {
        'x-portkey-provider': upstream === 'same' && dialect === 'messages' ? 'anthropic' : 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${upstream === 'chat' ? chatPort : samePort}/v1`,
        ...bearer,
      },
    }),
  })
}

/** Its usage rows are on, its audit log is off, as they are without settings. */
async function startGoModel({ port: samePort, chatPort }: Mock, program: string): Promise<Target> {
  const home = await mkdtemp(join(tmpdir(), 'hearth-bench-gomodel-'))
  const port = await freePort()
  const chat = `http://127.0.0.1:${chatPort}/v1`
  const same = `http://127.0.0.1:${samePort}/v1`
  const child = Bun.spawn([...pinned(cores.measured, [program])], {
    cwd: home,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      PORT: String(port),
      GOMODEL_MASTER_KEY: key,
      // Groq's adapter speaks nothing but chat, as an engine does; OpenAI's has Responses too.
      ...{ GROQ_API_KEY: key, GROQ_BASE_URL: chat, GROQ_MODELS: 'echo' },
      ...{ OPENAI_API_KEY: key, OPENAI_BASE_URL: same, OPENAI_MODELS: 'echo' },
      ...{ ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: same, ANTHROPIC_MODELS: 'echo' },
      CONFIGURED_PROVIDER_MODELS_MODE: 'allowlist',
      MODEL_LIST_URL: 'http://127.0.0.1:9/none',
      SQLITE_PATH: join(home, 'gomodel.db'),
      GOMODEL_CACHE_DIR: join(home, 'cache'),
      LOG_LEVEL: 'error',
      // Callers who hang up count as failures there: five of them in a row would shut everybody out for half a minute.
      ...{ RETRY_MAX_RETRIES: '0', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1000000' },
    },
    stdout: 'ignore',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  await answers(port)
  return withFolder(
    home,
    target({
      name: 'gomodel',
      port,
      child,
      ask(dialect, upstream) {
        if (dialect !== 'messages') {
          const model = upstream === 'chat' ? 'groq/echo' : 'openai/echo'
          return { path: paths[dialect], headers: bearer, model }
        }
        // Messages are passed on at a path of their own, never translated.
        if (upstream === 'chat') return null
        return { path: '/p/anthropic/v1/messages', headers: bearer, model: 'echo' }
      },
    }),
  )
}

/** One worker. Without a database its keys are checked and no usage is kept. */
async function startLiteLlm({ port: samePort, chatPort }: Mock): Promise<Target> {
  const home = await mkdtemp(join(tmpdir(), 'hearth-bench-litellm-'))
  const environment = join(root, 'bench/out', `litellm-${litellmVersion}`)
  if (!existsSync(join(environment, 'bin/litellm'))) {
    await mkdir(join(root, 'bench/out'), { recursive: true })
    await install(['python3', '-m', 'venv', environment], root)
    await install([join(environment, 'bin/pip'), 'install', '-q', `litellm[proxy]==${litellmVersion}`], root)
  }
  // LM Studio is asked for nothing but chat.
  const chat = `http://127.0.0.1:${chatPort}/v1`
  const same = `http://127.0.0.1:${samePort}`
  const config = `model_list:
  - { model_name: chat, litellm_params: { model: lm_studio/echo, api_base: "${chat}", api_key: ${key} } }
  - { model_name: responses, litellm_params: { model: openai/echo, api_base: "${same}/v1", api_key: ${key} } }
  - { model_name: messages, litellm_params: { model: anthropic/echo, api_base: "${same}", api_key: ${key} } }
general_settings: { master_key: ${key} }
router_settings: { disable_cooldowns: true, num_retries: 0 }
litellm_settings: { telemetry: false }
`
  await writeFile(join(home, 'config.yaml'), config)
  const port = await freePort()
  const program = [join(environment, 'bin/litellm'), '--config', join(home, 'config.yaml'), '--num_workers', '1']
  const child = Bun.spawn([...pinned(cores.measured, [...program, '--host', '127.0.0.1', '--port', String(port)])], {
    cwd: home,
    env: {
      PATH: `${join(environment, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      LITELLM_LOG: 'ERROR',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_MODE: 'PRODUCTION',
    },
    stdout: 'ignore',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  await answers(port)
  return withFolder(
    home,
    target({
      name: 'litellm',
      port,
      child,
      ask: (dialect, upstream) => ({
        path: paths[dialect],
        headers: bearer,
        model: upstream === 'chat' ? 'chat' : dialect,
      }),
    }),
  )
}

async function install(command: readonly string[], cwd: string): Promise<void> {
  console.log(`${command.join(' ')} …`)
  const child = Bun.spawn([...command], { cwd, stdout: 'ignore', stderr: 'inherit', stdin: 'ignore' })
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} failed.`)
}
