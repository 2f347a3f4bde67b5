# bash completion of hearth; load it with: source <(hearth completion bash)
_hearth() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path='' words='' word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
      'serve'|'status'|'chat'|'models'|'models list'|'models load'|'models unload'|'models add'|'models rm'|'models files'|'models suggest'|'catalogue'|'catalogue show'|'catalogue providers'|'catalogue update'|'catalogue reset'|'pull'|'keys'|'keys list'|'keys create'|'keys rotate'|'keys revoke'|'users'|'users list'|'users add'|'users set'|'users deactivate'|'users activate'|'users remove'|'users reset-password'|'users invite'|'teams'|'teams list'|'teams add'|'teams rename'|'teams remove'|'login'|'env'|'env claude'|'env codex'|'env openai'|'env anthropic'|'open'|'logs'|'events'|'requests'|'request'|'routes'|'pools'|'usage'|'allowances'|'allowances list'|'allowances set'|'allowances remove'|'audit'|'audit verify'|'audit export'|'audit prune'|'scrub'|'rehydrate'|'privacy'|'privacy status'|'privacy lists'|'privacy scopes'|'privacy shred'|'privacy departures'|'privacy policy'|'privacy eval'|'privacy leak-test'|'config'|'config set'|'config unset'|'tls'|'tls show'|'tls export-ca'|'tls renew'|'tls client-cert'|'engine'|'engine list'|'engine install'|'admin'|'admin reset'|'doctor'|'completion'|'version'|'help') path="${path:+$path }$word" ;;
    esac
  done
  case "$previous" in
    --config|--file|--home) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --scope) COMPREPLY=($(compgen -W 'inference monitor fleet.operate admin' -- "$current")); return ;;
    --priority) COMPREPLY=($(compgen -W 'interactive batch' -- "$current")); return ;;
    --role) COMPREPLY=($(compgen -W 'admin developer user viewer' -- "$current")); return ;;
    --shell) COMPREPLY=($(compgen -W 'sh fish' -- "$current")); return ;;
    --type) COMPREPLY=($(compgen -W 'hello reset model.state model.removed model.log pull.progress engine.install key.created key.rotated key.revoked request.finished upstream.state route.state config.reloaded config.refused' -- "$current")); return ;;
    --outcome) COMPREPLY=($(compgen -W 'complete incomplete aborted failed' -- "$current")); return ;;
    --by) COMPREPLY=($(compgen -W 'key user team model upstream tag day' -- "$current")); return ;;
    --format) COMPREPLY=($(compgen -W 'jsonl csv' -- "$current")); return ;;
    --mode) COMPREPLY=($(compgen -W 'token mask block' -- "$current")); return ;;
    --verdict) COMPREPLY=($(compgen -W 'sent refused' -- "$current")); return ;;
  esac
  case "$path" in
    '') words='serve status chat models catalogue pull keys users teams login env open logs events requests request routes pools usage allowances audit scrub rehydrate privacy config tls engine admin doctor completion version help --json --url --key --home --no-color --help' ;;
    'serve') words='--config --json --url --key --home --no-color --help' ;;
    'status') words='--json --url --key --home --no-color --help' ;;
    'chat') words='--system --temperature --max-tokens --json --url --key --home --no-color --help' ;;
    'models') words='list load unload add rm files suggest --json --url --key --home --no-color --help' ;;
    'models list') words='--all --json --url --key --home --no-color --help' ;;
    'models load') words='--dry-run --yes --no-wait --json --url --key --home --no-color --help' ;;
    'models unload') words='--dry-run --yes --no-wait --json --url --key --home --no-color --help' ;;
    'models add') words='--file --hf --context --memory --ttl --json --url --key --home --no-color --help' ;;
    'models rm') words='--yes --json --url --key --home --no-color --help' ;;
    'models files') words='--json --url --key --home --no-color --help' ;;
    'models suggest') words='--json --url --key --home --no-color --help' ;;
    'catalogue') words='show providers update reset --provider --usable --input --tools --reasoning --open-weights --min-context --max-price --limit --after --json --url --key --home --no-color --help' ;;
    'catalogue show') words='--json --url --key --home --no-color --help' ;;
    'catalogue providers') words='--json --url --key --home --no-color --help' ;;
    'catalogue update') words='--yes --dry-run --json --url --key --home --no-color --help' ;;
    'catalogue reset') words='--yes --json --url --key --home --no-color --help' ;;
    'pull') words='--id --detach --cancel --json --url --key --home --no-color --help' ;;
    'keys') words='list create rotate revoke --json --url --key --home --no-color --help' ;;
    'keys list') words='--json --url --key --home --no-color --help' ;;
    'keys create') words='--scope --model --expires --requests-per-minute --requests-per-hour --requests-per-day --requests-per-month --tokens-per-minute --tokens-per-hour --tokens-per-day --tokens-per-month --concurrency --budget --weight --priority --json --url --key --home --no-color --help' ;;
    'keys rotate') words='--grace --json --url --key --home --no-color --help' ;;
    'keys revoke') words='--yes --json --url --key --home --no-color --help' ;;
    'users') words='list add set deactivate activate remove reset-password invite --json --url --key --home --no-color --help' ;;
    'users list') words='--json --url --key --home --no-color --help' ;;
    'users add') words='--role --team --email --json --url --key --home --no-color --help' ;;
    'users set') words='--role --team --email --json --url --key --home --no-color --help' ;;
    'users deactivate') words='--yes --json --url --key --home --no-color --help' ;;
    'users activate') words='--json --url --key --home --no-color --help' ;;
    'users remove') words='--yes --json --url --key --home --no-color --help' ;;
    'users reset-password') words='--json --url --key --home --no-color --help' ;;
    'users invite') words='--role --team --json --url --key --home --no-color --help' ;;
    'teams') words='list add rename remove --json --url --key --home --no-color --help' ;;
    'teams list') words='--json --url --key --home --no-color --help' ;;
    'teams add') words='--json --url --key --home --no-color --help' ;;
    'teams rename') words='--json --url --key --home --no-color --help' ;;
    'teams remove') words='--json --url --key --home --no-color --help' ;;
    'login') words='--json --url --key --home --no-color --help' ;;
    'env') words='claude codex openai anthropic --json --url --key --home --no-color --help' ;;
    'env claude') words='--model --shell --json --url --key --home --no-color --help' ;;
    'env codex') words='--model --shell --json --url --key --home --no-color --help' ;;
    'env openai') words='--shell --json --url --key --home --no-color --help' ;;
    'env anthropic') words='--shell --json --url --key --home --no-color --help' ;;
    'open') words='--browser --json --url --key --home --no-color --help' ;;
    'logs') words='--follow --tail --json --url --key --home --no-color --help' ;;
    'events') words='--follow --type --since --count --json --url --key --home --no-color --help' ;;
    'requests') words='--follow --limit --by-key --model --upstream --outcome --status --endpoint --text --since --until --cursor --json --url --key --home --no-color --help' ;;
    'request') words='--bodies --json --url --key --home --no-color --help' ;;
    'routes') words='--configured --json --url --key --home --no-color --help' ;;
    'pools') words='--json --url --key --home --no-color --help' ;;
    'usage') words='--by --key --user --team --model --upstream --tag --csv --since --until --json --url --key --home --no-color --help' ;;
    'allowances') words='list set remove --json --url --key --home --no-color --help' ;;
    'allowances list') words='--json --url --key --home --no-color --help' ;;
    'allowances set') words='--requests-per-minute --requests-per-hour --requests-per-day --requests-per-month --tokens-per-minute --tokens-per-hour --tokens-per-day --tokens-per-month --concurrency --budget --json --url --key --home --no-color --help' ;;
    'allowances remove') words='--json --url --key --home --no-color --help' ;;
    'audit') words='verify export prune --limit --cursor --who --action --target --text --since --until --json --url --key --home --no-color --help' ;;
    'audit verify') words='--newest --json --url --key --home --no-color --help' ;;
    'audit export') words='--format --who --action --target --text --since --until --json --url --key --home --no-color --help' ;;
    'audit prune') words='--before --yes --json --url --key --home --no-color --help' ;;
    'scrub') words='--scope --policy --mode --explain --json --url --key --home --no-color --help' ;;
    'rehydrate') words='--map --scope --json --url --key --home --no-color --help' ;;
    'privacy') words='status lists scopes shred departures policy eval leak-test --json --url --key --home --no-color --help' ;;
    'privacy status') words='--json --url --key --home --no-color --help' ;;
    'privacy lists') words='--person --host --deny --deny-pattern --allow --remove --set --json --url --key --home --no-color --help' ;;
    'privacy scopes') words='--limit --json --url --key --home --no-color --help' ;;
    'privacy shred') words='--yes --json --url --key --home --no-color --help' ;;
    'privacy departures') words='--limit --to --verdict --cursor --json --url --key --home --no-color --help' ;;
    'privacy policy') words='--set --json --url --key --home --no-color --help' ;;
    'privacy eval') words='--policy --python-offsets --json --url --key --home --no-color --help' ;;
    'privacy leak-test') words='--cases --seed --json --url --key --home --no-color --help' ;;
    'config') words='set unset --changed --json --url --key --home --no-color --help' ;;
    'config set') words='--json --url --key --home --no-color --help' ;;
    'config unset') words='--json --url --key --home --no-color --help' ;;
    'tls') words='show export-ca renew client-cert --json --url --key --home --no-color --help' ;;
    'tls show') words='--json --url --key --home --no-color --help' ;;
    'tls export-ca') words='--json --url --key --home --no-color --help' ;;
    'tls renew') words='--json --url --key --home --no-color --help' ;;
    'tls client-cert') words='--days --into --json --url --key --home --no-color --help' ;;
    'engine') words='list install --json --url --key --home --no-color --help' ;;
    'engine list') words='--json --url --key --home --no-color --help' ;;
    'engine install') words='--json --url --key --home --no-color --help' ;;
    'admin') words='reset --json --url --key --home --no-color --help' ;;
    'admin reset') words='--yes --json --url --key --home --no-color --help' ;;
    'doctor') words='--live --config --no-token --json --url --key --home --no-color --help' ;;
    'completion') words='--json --url --key --home --no-color --help' ;;
    'version') words='--json --url --key --home --no-color --help' ;;
    'help') words='--json --url --key --home --no-color --help' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hearth hearth
