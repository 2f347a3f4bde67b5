/** Levels as everyone knows them; `silent` writes nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/**
 * Structured log. Messages are static sentences so that they group; what varies goes beside them as data.
 * Secrets, prompts and audio never go in: pass ids and counts.
 */
export interface Logger {
  debug(message: string, data?: LogData): void
  info(message: string, data?: LogData): void
  warn(message: string, data?: LogData): void
  error(message: string, data?: LogData): void
  /** A logger that adds `data` to every line, for example `{ part: 'fleet' }`. */
  child(data: LogData): Logger
}

export type LogData = Readonly<Record<string, unknown>>

export interface LogOptions {
  readonly level: LogLevel
  /** `lines` for people, `json` for collectors. */
  readonly format: 'lines' | 'json'
  readonly write: (line: string) => void
  readonly now: () => number
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40, silent: 100 }

/** A log line longer than this is cut: one runaway value must not fill a disk. */
const maxLineChars = 8192
/** Causes of causes are told once each, this deep at the most. */
const maxCauses = 5

export function createLogger(options: LogOptions, bound: LogData = {}): Logger {
  const write = (level: Exclude<LogLevel, 'silent'>, message: string, data: LogData = {}): void => {
    if (rank[level] < rank[options.level]) return
    const facts = { ...bound, ...data }
    const line =
      options.format === 'json'
        ? jsonLine(options.now(), level, message, facts)
        : textLine(options.now(), level, message, facts)
    options.write(line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line)
  }
  return {
    debug: (message, data) => write('debug', message, data),
    info: (message, data) => write('info', message, data),
    warn: (message, data) => write('warn', message, data),
    error: (message, data) => write('error', message, data),
    child: (data) => createLogger(options, { ...bound, ...data }),
  }
}

/** For tests and for parts that nobody listens to. */
export const silentLogger: Logger = createLogger({ level: 'silent', format: 'lines', write: () => {}, now: () => 0 })

function jsonLine(at: number, level: string, message: string, data: LogData): string {
  return JSON.stringify({ at: new Date(at).toISOString(), level, message, ...plain(data) })
}

function textLine(at: number, level: string, message: string, data: LogData): string {
  const time = new Date(at).toISOString().slice(11, 23)
  const facts = Object.entries(plain(data)).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
  )
  return [time, level.padEnd(5), message, ...facts].join(' ')
}

const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text))

/** Errors become their messages with their chain of causes: `JSON.stringify` would show them as `{}`. */
function plain(data: LogData): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, value instanceof Error ? causes(value) : value]),
  )
}

function causes(error: Error): string {
  const parts: string[] = []
  let current: unknown = error
  while (current instanceof Error && parts.length < maxCauses) {
    parts.push(current.message || current.name)
    current = current.cause
  }
  return parts.join(' ← ')
}
