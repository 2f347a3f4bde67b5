import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SleepFacts } from '../../core/doctor/facts.ts'
import { parseSystemdSettings } from '../../core/doctor/reading.ts'
import { exists, textOf } from './files.ts'
import type { Ask } from './programs.ts'

const units = ['sleep.target', 'suspend.target', 'hibernate.target', 'hybrid-sleep.target']
/** Lowest first, as systemd reads them (logind.conf(5)). */
const folders = ['/usr/lib/systemd', '/run/systemd', '/etc/systemd']

/** Reads what could suspend this machine: kernel, systemd, logind, the desktop. */
export async function readSleep(ask: Ask): Promise<SleepFacts> {
  const [kernel, targets, logind, hasLid, supplies, desktopIdle, powerProfile] = await Promise.all([
    textOf('/sys/power/state'),
    readTargets(ask),
    readLogind(),
    readdir('/proc/acpi/button/lid').then(
      (lids) => lids.length > 0,
      () => false,
    ),
    readdir('/sys/class/power_supply').catch(() => []),
    readDesktopIdle(ask),
    textOf('/sys/firmware/acpi/platform_profile'),
  ])
  return {
    kernelStates: kernel === null ? null : kernel.trim().split(/\s+/).filter(Boolean),
    targets,
    logind,
    hasLid,
    hasBattery: supplies.some((name) => name.startsWith('BAT')),
    desktopIdle,
    powerProfile: powerProfile?.trim() ?? null,
  }
}

async function readTargets(ask: Ask): Promise<Readonly<Record<string, string>>> {
  if (!(await exists('/run/systemd/system'))) return {}
  // is-enabled ends with 1 for masked units and says so all the same: one line for each unit, in order
  const answer = await ask(['systemctl', 'is-enabled', ...units])
  const states = answer?.out.split('\n') ?? []
  return Object.fromEntries(units.flatMap((unit, index) => (states[index] ? [[unit, states[index]]] : [])))
}

/**
 * The main file of the highest folder, then all drop-ins by name; the same name in a higher folder replaces the lower
 * one.
 */
async function readLogind(): Promise<Readonly<Record<string, string>>> {
  const dropIns = new Map<string, string>()
  let main: string | null = null
  for (const folder of folders) {
    main = (await textOf(join(folder, 'logind.conf'))) ?? main
    const names = await readdir(join(folder, 'logind.conf.d')).catch(() => [])
    for (const name of names) if (name.endsWith('.conf')) dropIns.set(name, join(folder, 'logind.conf.d', name))
  }
  const ordered = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
  const texts = await Promise.all(ordered.map(textOf))
  return parseSystemdSettings([main ?? '', ...texts.map((text) => text ?? '')], 'Login')
}

/** GNOME's setting of the user who asks; other desktops keep theirs where only they can read them. */
async function readDesktopIdle(ask: Ask): Promise<string | null> {
  if (!(await exists('/usr/bin/gnome-shell'))) return null
  const answer = await ask(['gsettings', 'get', 'org.gnome.settings-daemon.plugins.power', 'sleep-inactive-ac-type'])
  return answer?.code === 0 ? answer.out.trim().replaceAll("'", '') : null
}
