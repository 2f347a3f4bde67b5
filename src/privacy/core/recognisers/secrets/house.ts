import { base62, base64, base64url, contextual, hex, lowerAlnum, prefixed, run, uuid, type Format } from './format.ts'
import { lengthProof } from './proofs.ts'

/** What stands at home: this program's own keys, media servers, home automation, storage, tunnels. */
export const houseFormats: readonly Format[] = [
  { id: 'hearth.key', parts: ['hk-', run(lowerAlnum, 12), '-', run(hex, 48)] },
  contextual('plex.token', ['plex'], run(base64url, 20)),
  contextual('jellyfin.key', ['jellyfin', 'emby', 'mediabrowser'], run(hex, 32)),
  contextual(
    'arr.key',
    ['sonarr', 'radarr', 'lidarr', 'prowlarr', 'readarr', 'bazarr', 'sabnzbd', 'tautulli'],
    run(hex, 32),
  ),
  contextual('synology.session', ['synology', '_sid=', 'synotoken'], run(base64url, 40, 120)),
  {
    id: 'nextcloud.app-password',
    near: ['nextcloud', 'owncloud'],
    parts: [run(base62, 5), '-', run(base62, 5), '-', run(base62, 5), '-', run(base62, 5), '-', run(base62, 5)],
  },
  {
    id: 'google.app-password',
    near: ['app password', 'app-passwor', 'app_password'],
    parts: [run('a-z', 4), ' ', run('a-z', 4), ' ', run('a-z', 4), ' ', run('a-z', 4)],
  },
  { id: 'proxmox.token', parts: ['PVEAPIToken=', run('A-Za-z0-9_.@!-', 5, 80), '=', ...uuid], valueFrom: 3 },
  { id: 'truenas.key', near: ['truenas', 'freenas'], parts: [run('0-9', 1, 3), '-', run(base62, 64)] },
  { id: 'portainer.key', parts: ['ptr_', run(base64, 43), '='] },
  {
    id: 'wireguard.key',
    near: ['privatekey', 'presharedkey', 'private-key', 'preshared-key', 'wireguard'],
    parts: [run(base64, 43), '='],
    proof: lengthProof(32),
  },
  {
    id: 'esphome.key',
    near: ['esphome', 'encryption:', 'noise_psk'],
    parts: [run(base64, 43), '='],
    proof: lengthProof(32),
  },
  contextual(
    'hue.application-key',
    ['philips hue', 'hue-application-key', 'hue_app', 'hue bridge'],
    run(base64url, 40),
  ),
  prefixed('homeassistant.webhook', 'api/webhook/', run(base64url, 32, 80), { valueFrom: 1 }),
  { id: 'openhab.token', parts: ['oh.', run(base62, 3, 32), '.', run(base62, 60, 100)] },
  contextual('paperless.token', ['paperless'], run(hex, 40)),
  contextual('immich.key', ['immich'], run(base62, 40, 44)),
  contextual('n8n.key', ['n8n'], 'n8n_api_', run(hex, 80, 160)),
  contextual('unifi.key', ['unifi', 'ubiquiti'], run(base64url, 32)),
  contextual('pihole.token', ['pihole', 'pi-hole'], run(hex, 64)),
  contextual('frigate.key', ['frigate+', 'plus_api_key'], ...uuid, ':', run(hex, 40)),
  prefixed('hash.bcrypt', ['$2a$', '$2b$', '$2y$'], run('0-9A-Za-z./$', 56)),
  { id: 'hash.argon2', parts: [['$argon2id$v=', '$argon2i$v=', '$argon2d$v='], run('A-Za-z0-9+/=,$', 40, 200)] },
  { id: 'hash.crypt', parts: [['$6$', '$5$', '$y$'], run('A-Za-z0-9./=$', 48, 130)] },
]
