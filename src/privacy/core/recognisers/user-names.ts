/** Accounts that are no person's. */
const accounts = new Set(
  (
    'root runner node user users username name you me your yourname yourusername youruser ubuntu debian fedora centos ec2-user ' +
    'admin administrator app apps public shared default guest all test tester nobody daemon www www-data nginx git ' +
    'postgres mysql redis docker vagrant jenkins build builder ci circleci travis gitlab-runner azureuser vscode ' +
    'codespace jovyan linuxbrew pi steam opc core bin lib src tmp home opt var etc dev local shared defaultuser ' +
    'current agent agents bot claude codex service system host container workspace project projects worker hearth deploy ansible operator support ' +
    'usuario utilisateur benutzer utente foo bar someone somebody id me new login logout search settings profile self'
  ).split(' '),
)

export function isSomeonesName(name: string): boolean {
  return name.length > 1 && !accounts.has(name.toLowerCase()) && !/^\d+$/.test(name)
}
