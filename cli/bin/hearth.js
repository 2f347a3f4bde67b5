#!/usr/bin/env node
// Plain JavaScript for Node ≥ 20, because npm's bin is run by whatever Node the machine has. It only finds the Bun of
// this checkout and hands over to it: arguments, terminal, signals and exit code.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '..')
const bun = join(root, 'node_modules', '.bin', 'bun')

if (!existsSync(bun)) {
  process.stderr.write(`hearth: ${join(root, 'node_modules')} holds no Bun. Run "npm ci" in ${root} first.\n`)
  process.exit(1)
}

const settings = ['--no-orphans', '--no-env-file', '--no-install']
const child = spawn(bun, [...settings, join(root, 'cli', 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })

// A terminal sends Ctrl-C to the whole group, the child included: passing it on as well would make two of it, and the
// second one means "leave at once". Without a terminal nobody else tells the child.
const isInTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !isInTerminal) child.kill(signal)
  })
}

child.on('error', (error) => {
  process.stderr.write(`hearth: Bun could not be started (${error.message}). Run "npm ci" in ${root} again.\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)))
})
