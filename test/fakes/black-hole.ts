import { connect, type Socket } from 'node:net'

/** A port that drops connections without a word, as a machine that is off does: its line of callers is full. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number
}

const program = `
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1' }, () => {
    console.log(server.address().port)
    process.kill(process.pid, 'SIGSTOP')
  })
`

/** Longer lines no kernel keeps here. */
const mostFillers = 5000

export async function startBlackHole(): Promise<BlackHole> {
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit', env: {} })
  const port = Number(new TextDecoder().decode((await child.stdout.getReader().read()).value))
  const sockets: Socket[] = []
  for (let isTaken = true; isTaken && sockets.length < mostFillers;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    sockets.push(socket)
    const taken = new Promise<true>((resolve) => socket.once('connect', () => resolve(true)))
    isTaken = await Promise.race([taken, Bun.sleep(250).then(() => false)])
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
