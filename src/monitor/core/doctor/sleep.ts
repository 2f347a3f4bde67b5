import type { MachineFacts, SleepFacts } from './facts.ts'
import { ok, skip, warn, type Finding } from './finding.ts'

const name = 'sleep'
const units = ['sleep.target', 'suspend.target', 'hibernate.target', 'hybrid-sleep.target']

/**
 * What could put this machine to sleep while it serves. The doctor only reads: whether a machine may sleep is its
 * owner's decision, and Hearth never changes it.
 *
 * 1. The kernel cannot sleep, or systemd's sleep.target is masked: nothing can.
 * 2. Something would do it by itself: the lid, idleness, the desktop.
 * 3. Nothing would; a person still can.
 */
export function judgeSleep({ sleep, system }: MachineFacts): Finding {
  if (system.isContainer) return skip(name, 'This is a container: what its host does cannot be seen from here.')
  if (system.platform !== 'linux') {
    return skip(name, 'What suspends this system is not looked at; keep it awake in its own energy settings.')
  }
  if (
    sleep.kernelStates !== null &&
    !sleep.kernelStates.some((state) => state === 'mem' || state === 'freeze' || state === 'disk')
  ) {
    return ok(name, 'This machine cannot be suspended.')
  }
  if (sleep.targets['sleep.target'] === 'masked' || sleep.targets['suspend.target'] === 'masked') {
    return ok(name, 'Suspending is masked in systemd.')
  }
  const causes = causesOf(sleep)
  const profile = sleep.powerProfile === 'low-power' ? ' The power profile is low-power: models run slowly.' : ''
  if (causes.length > 0) {
    const advice = `If it is to serve all the time: sudo systemctl mask ${units.join(' ')}`
    return warn(name, `This machine would be suspended ${causes.join(', and ')}.${profile}`, advice)
  }
  if (profile !== '') return warn(name, profile.trim(), 'Choose another one: powerprofilesctl set performance')
  return ok(name, 'Nothing was found that suspends this machine by itself.')
}

function causesOf({ logind, hasLid, desktopIdle }: SleepFacts): readonly string[] {
  const isSleep = (action: string): boolean => /suspend|hibernate|sleep|poweroff|halt/.test(action)
  const causes: string[] = []
  // systemd's own default is to suspend at a closed lid, on mains as HandleLidSwitch says unless told apart
  const lid = logind['HandleLidSwitchExternalPower'] ?? logind['HandleLidSwitch'] ?? 'suspend'
  if (hasLid && isSleep(lid)) causes.push(`when its lid is closed (HandleLidSwitch=${lid})`)
  const idle = logind['IdleAction'] ?? 'ignore'
  if (isSleep(idle)) causes.push(`when nobody uses it for ${logind['IdleActionSec'] ?? '30min'} (IdleAction=${idle})`)
  if (desktopIdle !== null && isSleep(desktopIdle)) causes.push(`by the desktop when nobody types (${desktopIdle})`)
  return causes
}
