/**
 * The agents that people point at Hearth, unmodified: Claude Code and Codex, in exact versions, installed on demand
 * with HEARTH_TEST_SYSTEM=1 and kept beside the engines of the tests. Both are programs of their own platform; their
 * npm wrappers only choose one, so the platform's package is installed directly (Claude Code's wrapper wants a newer
 * Node than some machines have). Neither is part of Hearth: Claude Code's licence is Anthropic's own.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { testEnginesDir } from './house.ts'

interface Agent {
  readonly name: string
  /** Without the version. */
  readonly package: string
  /** What npm is asked for. */
  readonly spec: string
  readonly program: string
}

const platform = `${process.platform}-${process.arch}`
const target = { 'linux-x64': 'x86_64-unknown-linux-musl', 'linux-arm64': 'aarch64-unknown-linux-musl' }[platform] ?? ''

const agents = {
  claude: {
    name: 'claude-code-2.1.329',
    package: `@anthropic-ai/claude-code-${platform}`,
    spec: `@anthropic-ai/claude-code-${platform}@2.1.329`,
    program: 'claude',
  },
  codex: {
    name: 'codex-0.169.0',
    package: `@openai/codex-${platform}`,
    spec: `@openai/codex-${platform}@npm:@openai/codex@0.169.0-${platform}`,
    program: `vendor/${target}/bin/codex`,
  },
} as const satisfies Readonly<Record<string, Agent>>

/** false: the tests that need them are skipped. */
export const hasAgents = process.env['HEARTH_TEST_SYSTEM'] === '1' && target !== ''

const attempts = 3
const installDeadlineMs = 240_000
const runDeadlineMs = 120_000

/** The path of the program. */
export async function installAgent(which: keyof typeof agents): Promise<string> {
  const agent: Agent = agents[which]
  const folder = join(dirname(testEnginesDir()), 'hearth-agents', agent.name)
  const program = join(folder, 'node_modules', agent.package, agent.program)
  if (existsSync(program)) return program
  let said = ''
  for (let attempt = 0; attempt < attempts; attempt++) {
    const tried = await mkdirBeside(folder)
    await writeFile(join(tried, 'package.json'), '{"private":true}')
    const child = Bun.spawn(
      ['npm', 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', agent.spec],
      {
        cwd: tried,
        env: { ...process.env },
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
        timeout: installDeadlineMs,
      },
    )
    said = await child.stderr.text()
    // Whole or not at all: another run may install it at the same time, and the first one wins.
    if ((await child.exited) === 0) await rename(tried, folder).catch(() => {})
    await rm(tried, { recursive: true, force: true })
    if (existsSync(program)) return program
  }
  throw new Error(`npm could not install ${agent.spec} in ${attempts} attempts; is the registry reachable?\n${said}`)
}

async function mkdirBeside(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true })
  return mkdtemp(`${folder}-`)
}

export interface AgentRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface AgentErrand {
  /** `http://127.0.0.1:9999`. */
  readonly url: string
  readonly key: string
  readonly model: string
  readonly prompt: string
  /** Where it works. */
  readonly folder: string
}

/** `claude -p`: one turn, all tools allowed. */
export async function runClaude({ url, key, model, prompt, folder }: AgentErrand): Promise<AgentRun> {
  const program = await installAgent('claude')
  await using home = await emptyHome()
  return await run([program, '-p', '--model', model, '--dangerously-skip-permissions', prompt], folder, {
    ...home.env,
    CLAUDE_CONFIG_DIR: home.path,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: key,
    CLAUDE_CODE_MAX_RETRIES: '0',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_TELEMETRY: '1',
    // Root may skip permissions only in a sandbox.
    IS_SANDBOX: '1',
  })
}

/** `codex exec`: one turn, all commands allowed. */
export async function runCodex({ url, key, model, prompt, folder }: AgentErrand): Promise<AgentRun> {
  const program = await installAgent('codex')
  await using home = await emptyHome()
  const config = `
model = "${model}"
model_provider = "hearth"
[model_providers.hearth]
name = "Hearth"
base_url = "${url}/v1"
env_key = "HEARTH_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`
  await writeFile(join(home.path, 'config.toml'), config)
  const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']
  return await run([program, 'exec', ...flags, prompt], folder, { ...home.env, CODEX_HOME: home.path, HEARTH_KEY: key })
}

async function emptyHome() {
  const path = await mkdtemp(join(tmpdir(), 'hearth-test-agent-'))
  return {
    path,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: path },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

async function run(argv: readonly string[], cwd: string, env: Record<string, string>): Promise<AgentRun> {
  const child = Bun.spawn([...argv], {
    cwd,
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: runDeadlineMs,
  })
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, stdout, stderr }
}
