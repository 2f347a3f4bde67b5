import { formatBytes } from '#kernel/bytes.ts'
import type { AddressFacts, GpuFacts, HomeFacts, MachineFacts, PortFacts } from './facts.ts'
import { fail, ok, skip, warn, type Finding } from './finding.ts'

/** Below this the first model pull, or the database itself, will fill the disk. */
const scarceDiskBytes = 1 * 2 ** 30
const tightDiskBytes = 10 * 2 ** 30
/** `sun_path` of a Linux socket holds 108 bytes with its end; macOS has four less. */
const maxSocketPathBytes = { linux: 107, other: 103 }
/** One stream holds two sockets, and engines, files and the database want theirs. */
const wantedOpenFiles = 4096

export function judgeRuntime({ runtime, system }: MachineFacts, wantedBun: string | null): Finding {
  const name = 'runtime'
  const node = runtime.node === null ? '' : `, Node ${runtime.node}`
  const found = `Bun ${runtime.bun}${node} on ${system.platform} ${system.release} (${system.architecture}, ${system.cores} cores).`
  if (wantedBun !== null && runtime.bun !== wantedBun) {
    return warn(
      name,
      found,
      `This Hearth is made for Bun ${wantedBun}: run "npm ci" and start it with "npm start" or "hearth serve".`,
    )
  }
  return ok(name, found)
}

export function judgeHome({ home, system }: MachineFacts): readonly Finding[] {
  return [judgeFolder(home), judgeDisk(home), ...judgeSocket(home, system.platform)]
}

function judgeFolder(home: HomeFacts): Finding {
  const name = 'home'
  if (!home.isWritable) {
    const found = home.isThere ? `${home.path} cannot be written to.` : `${home.path} is not there and cannot be made.`
    return fail(name, found, 'Make it yours with chown, or choose another folder with HEARTH_HOME.')
  }
  if (!home.isThere) return ok(name, `${home.path} is made at the first start.`)
  if (home.mode !== null && (home.mode & 0o077) !== 0) {
    const bits = (home.mode & 0o777).toString(8)
    return warn(name, `${home.path} can be looked into by other users (mode ${bits}).`, `Run: chmod 700 ${home.path}`)
  }
  return ok(name, `${home.path} can be written to.`)
}

function judgeDisk({ path, freeBytes }: HomeFacts): Finding {
  const name = 'disk'
  if (freeBytes === null) return skip(name, `The free space at ${path} is not known.`)
  const found = `There are ${formatBytes(freeBytes)} free at ${path}.`
  if (freeBytes < scarceDiskBytes)
    return fail(name, found, 'Make room, or choose a folder on a larger disk with HEARTH_HOME.')
  if (freeBytes < tightDiskBytes)
    return warn(name, found, 'Most models are larger than that: make room before pulling one.')
  return ok(name, found)
}

function judgeSocket({ socketPathBytes, path }: HomeFacts, platform: string): readonly Finding[] {
  const limit = platform === 'linux' ? maxSocketPathBytes.linux : maxSocketPathBytes.other
  if (socketPathBytes <= limit) return []
  const found = `The path of the socket in ${path} has ${socketPathBytes} bytes; this system takes ${limit}.`
  return [fail('socket', found, 'Choose a shorter folder with HEARTH_HOME.')]
}

export function judgePort({ port }: MachineFacts): Finding {
  return judgeListener('port', port, 'End that program, or choose another port with server.port or HEARTH_PORT.')
}

/** The listener for clients of Ollama, where there is to be one: an Ollama that runs has its port. */
export function judgeCompatPort({ compatPort }: MachineFacts): readonly Finding[] {
  if (compatPort === null) return []
  const advice = 'End that program (an Ollama?), or choose another port with compat.ollama.'
  return [judgeListener('port for Ollama', compatPort, advice)]
}

function judgeListener(name: string, { host, port, holder }: PortFacts, advice: string): Finding {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (holder.kind === 'unknown') return skip(name, `Whether ${place} is free cannot be seen on this system.`)
  if (holder.kind === 'nobody') return ok(name, `${place} is free.`)
  if (isHearth(holder.command)) return ok(name, `A Hearth listens on ${place} (process ${holder.pid}).`)
  const who =
    holder.pid === null ? 'a program of another user' : `${holder.command ?? 'a program'} (process ${holder.pid})`
  return fail(name, `${place} is taken by ${who}.`, advice)
}

const isHearth = (command: string | null): boolean => command !== null && /\bmain\.ts serve\b/.test(command)

export function judgeMemory({ memory }: MachineFacts): Finding {
  const { totalBytes, availableBytes, limitBytes } = memory
  const available = availableBytes === null ? '' : `, ${formatBytes(availableBytes)} of it available now`
  if (limitBytes !== null && limitBytes < totalBytes) {
    const found = `This machine has ${formatBytes(totalBytes)}, but Hearth may use only ${formatBytes(limitBytes)} of it here.`
    return warn(
      'memory',
      found,
      'Raise the limit of the container or service, or keep the models below it with fleet.memory.',
    )
  }
  return ok('memory', `${formatBytes(totalBytes)}${available}.`)
}

export function judgeOpenFiles({ openFiles }: MachineFacts): Finding {
  const name = 'open files'
  if (openFiles === null) return skip(name, 'The limit is not known.')
  if (openFiles.soft >= wantedOpenFiles) return ok(name, `Up to ${openFiles.soft} at one time.`)
  const found = `Only ${openFiles.soft} at one time (${openFiles.hard} could be asked for): enough for about ${Math.floor(openFiles.soft / 2)} streams.`
  return warn(name, found, `Start Hearth after "ulimit -n ${wantedOpenFiles}", or set LimitNOFILE= in its service.`)
}

export function judgeGpus({ gpus, system }: MachineFacts): Finding {
  const name = 'GPU'
  const { nvidia } = gpus
  if (nvidia.kind === 'broken') {
    return fail(
      name,
      `nvidia-smi does not work: ${nvidia.message}`,
      'Reinstall the driver, or restart after its update: kernel module and library must match.',
    )
  }
  if (nvidia.kind === 'found' && nvidia.gpus.length > 0) {
    const list = nvidia.gpus.map(
      (gpu) => `${gpu.name} (${gpu.totalBytes === null ? 'shared memory' : formatBytes(gpu.totalBytes)})`,
    )
    const found = `${list.join(', ')}; driver ${nvidia.gpus[0]?.driver ?? 'unknown'}.`
    // There are no CUDA builds of the embedded engine for these: it would quietly leave the GPU idle.
    if (system.architecture === 'arm64') {
      const without = 'The engine llama has no CUDA build for arm64: its models run on the processor.'
      const advice = 'For the GPU, name a server of your own: a model with "cmd", or an upstream.'
      return warn(name, `${found} ${without}`, advice)
    }
    return ok(name, found)
  }
  return judgeDevices(name, gpus, system)
}

function judgeDevices(name: string, { devices }: GpuFacts, system: MachineFacts['system']): Finding {
  if (system.platform === 'darwin' && system.architecture === 'arm64')
    return ok(name, 'Models run on the GPU of this Mac through Metal.')
  const closed = devices.filter((device) => !device.isUsable).map((device) => device.path)
  if (closed.length > 0) {
    const advice = 'Add this user to the groups render and video, and sign in anew.'
    return warn(name, `${closed.join(', ')} may not be opened by this user.`, advice)
  }
  if (devices.length > 0)
    return ok(name, `No NVIDIA GPU; ${devices.map((device) => device.path).join(', ')} can be used.`)
  return ok(name, 'No GPU was found: models run on the processor.')
}

export function judgeClock({ clock }: MachineFacts): Finding {
  const name = 'clock'
  if (clock.isSynchronised === null) return skip(name, 'Whether it is synchronised is not known.')
  if (clock.isSynchronised) return ok(name, `It is synchronised${clock.by === null ? '' : ` (${clock.by})`}.`)
  const advice = 'Turn a time service on (timedatectl set-ntp true): keys expire and usage is counted by this clock.'
  return warn(name, 'It is not synchronised.', advice)
}

/** `isPlain`: what is not encrypted is answered as well. */
export function judgeNetwork({ addresses, port }: MachineFacts, isPlain: boolean): Finding {
  const name = 'network'
  const outside = addresses.filter(({ scope }) => scope === 'private' || scope === 'public')
  const list = outside.map(({ address, interface: where }) => `${address} (${where})`).join(', ')
  const isLocalOnly = isLoopback(port.host)
  if (outside.length === 0)
    return warn(
      name,
      'This machine has no address but its own loopback.',
      'Connect it if models are to be pulled or upstreams asked.',
    )
  const exposed = exposedBy(port.host, outside)
  if (isLocalOnly) return ok(name, `Addresses: ${list}. Hearth listens on loopback only.`)
  if (isPlain && exposed.some(({ scope }) => scope === 'public')) {
    const open = exposed.filter(({ scope }) => scope === 'public').map(({ address }) => address)
    const advice =
      'Let a firewall or a reverse proxy with TLS stand before it, or bind server.host to a private address.'
    return warn(name, `Hearth can be reached at the public ${open.join(', ')}, without TLS.`, advice)
  }
  if (exposed.length === 0) {
    return fail(
      name,
      `server.host is ${port.host}, but this machine has only ${list}.`,
      'Set server.host to an address of this machine.',
    )
  }
  return ok(name, `Hearth can be reached at ${exposed.map(({ address }) => address).join(', ')}.`)
}

/** The addresses that a listener on this host takes calls on; a name may stand for any of them. */
function exposedBy(host: string, addresses: readonly AddressFacts[]): readonly AddressFacts[] {
  if (host === '0.0.0.0') return addresses.filter(({ family }) => family === 'IPv4')
  if (host === '::' || !/^[\d.]+$|:/.test(host)) return addresses
  return addresses.filter(({ address }) => address === host)
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
