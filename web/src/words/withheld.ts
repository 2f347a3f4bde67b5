/** Why a request for a cloud was not sent: reasons of refusals, in words. */
export const withheldReasons = {
  detection_busy: 'Too many texts were being looked through at once.',
  detection_ended: 'The house was shutting down while it was being looked through.',
  identifiers_found: 'It held identifiers, and whoever asked wanted none.',
  leak_blocked: 'A value that must not leave was still in it, in some form or where nothing can be replaced.',
  lists_damaged: 'The lists of what must not leave could not be read.',
  names_unprotected: 'The policy wants a recogniser of names, and none is configured.',
  recogniser_unavailable: 'The recogniser of names did not answer.',
  scrub_budget_exceeded: 'Looking through it took too long or went too deep.',
  text_too_large: 'It held more text than may be looked through.',
  unreadable_body: 'It held something that nobody can look into.',
  vault_busy: 'Too many requests were waiting for the vault.',
  vault_changed: 'The values of its conversation were changed elsewhere meanwhile.',
  vault_damaged: 'The values of its conversation could not be read.',
  vault_full: 'There was no room for more values.',
  vault_locked: 'The vault of values was locked.',
  vault_unavailable: 'It could not be written down that it leaves.',
} as const
