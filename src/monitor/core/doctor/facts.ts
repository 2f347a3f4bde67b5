/**
 * What was read of this machine, without judgement. null = the system does not tell, never "no".
 * Nothing in here was asked over a network, and reading it changed nothing.
 */
export interface MachineFacts {
  readonly runtime: { readonly bun: string; readonly node: string | null }
  readonly system: {
    /** `linux`, `darwin`, … */
    readonly platform: string
    readonly architecture: string
    readonly release: string
    readonly cores: number
    readonly isContainer: boolean
  }
  readonly home: HomeFacts
  readonly memory: {
    readonly totalBytes: number
    readonly availableBytes: number | null
    /** The limit of the container or service that this runs in. */
    readonly limitBytes: number | null
  }
  readonly openFiles: { readonly soft: number; readonly hard: number } | null
  readonly port: PortFacts
  /** null = nothing is to listen there. */
  readonly compatPort: PortFacts | null
  readonly gpus: GpuFacts
  readonly clock: { readonly isSynchronised: boolean | null; readonly by: string | null }
  readonly addresses: readonly AddressFacts[]
  readonly sleep: SleepFacts
}

export interface HomeFacts {
  readonly path: string
  readonly isThere: boolean
  /** Whether files can be made in it, or it can be made itself. */
  readonly isWritable: boolean
  /** Permission bits, for example `0o700`. */
  readonly mode: number | null
  readonly freeBytes: number | null
  readonly socketPathBytes: number
}

export interface PortFacts {
  readonly host: string
  readonly port: number
  readonly holder:
    | { readonly kind: 'nobody' }
    /** `pid` and `command` are null for programs of other users. */
    | { readonly kind: 'taken'; readonly pid: number | null; readonly command: string | null }
    | { readonly kind: 'unknown' }
}

export interface GpuFacts {
  readonly nvidia:
    | { readonly kind: 'absent' }
    | { readonly kind: 'found'; readonly gpus: readonly NvidiaGpu[] }
    /** nvidia-smi is there and does not work. */
    | { readonly kind: 'broken'; readonly message: string }
  /** `/dev/kfd`, `/dev/dri/renderD128`, … that exist, with whether this user may open them. */
  readonly devices: readonly { readonly path: string; readonly isUsable: boolean }[]
}

export interface NvidiaGpu {
  readonly name: string
  readonly driver: string
  /** null on machines whose memory is shared with the processor. */
  readonly totalBytes: number | null
}

export interface AddressFacts {
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
  readonly interface: string
  readonly scope: 'loopback' | 'link' | 'private' | 'public'
}

export interface SleepFacts {
  /** What the kernel could do: `mem`, `freeze`, `disk`; empty = it cannot sleep at all. */
  readonly kernelStates: readonly string[] | null
  /** systemd's state by unit: `static` is the usual one, `masked` means it can never start. */
  readonly targets: Readonly<Record<string, string>>
  /** logind's own settings that were found, by name; what is missing has systemd's default. */
  readonly logind: Readonly<Record<string, string>>
  readonly hasLid: boolean
  readonly hasBattery: boolean
  /** What the desktop of this user does when nobody types, on mains: `suspend`, `nothing`; null = no such desktop. */
  readonly desktopIdle: string | null
  /** `performance`, `balanced`, `low-power`. */
  readonly powerProfile: string | null
}

/** An engine as the fleet knows it. */
export interface EngineFacts {
  readonly name: string
  readonly isInstalled: boolean
  readonly version: string | null
  readonly variant: string | null
}

/** What the smoke model said. */
export interface Proof {
  readonly ok: boolean
  readonly tokensPerSecond: number | null
  readonly message: string
}
