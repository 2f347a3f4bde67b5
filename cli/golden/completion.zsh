#compdef hearth
# zsh completion of hearth; put it into a folder of $fpath as _hearth
_hearth() {
  local place='' word
  local -a entries
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "${place:+$place }$word" in
      'serve'|'status'|'chat'|'models'|'models list'|'models load'|'models unload'|'models add'|'models rm'|'models files'|'models suggest'|'catalogue'|'catalogue show'|'catalogue providers'|'catalogue update'|'catalogue reset'|'pull'|'keys'|'keys list'|'keys create'|'keys rotate'|'keys revoke'|'users'|'users list'|'users add'|'users set'|'users deactivate'|'users activate'|'users remove'|'users reset-password'|'users invite'|'teams'|'teams list'|'teams add'|'teams rename'|'teams remove'|'login'|'env'|'env claude'|'env codex'|'env openai'|'env anthropic'|'open'|'logs'|'events'|'requests'|'request'|'routes'|'pools'|'usage'|'allowances'|'allowances list'|'allowances set'|'allowances remove'|'audit'|'audit verify'|'audit export'|'audit prune'|'scrub'|'rehydrate'|'privacy'|'privacy status'|'privacy lists'|'privacy scopes'|'privacy shred'|'privacy departures'|'privacy policy'|'privacy eval'|'privacy leak-test'|'config'|'config set'|'config unset'|'tls'|'tls show'|'tls export-ca'|'tls renew'|'tls client-cert'|'engine'|'engine list'|'engine install'|'admin'|'admin reset'|'doctor'|'completion'|'version'|'help') place="${place:+$place }$word" ;;
    esac
  done
  case "${words[CURRENT-1]}" in
    --config|--file|--home) _files; return ;;
    --scope) compadd -- inference monitor fleet.operate admin; return ;;
    --priority) compadd -- interactive batch; return ;;
    --role) compadd -- admin developer user viewer; return ;;
    --shell) compadd -- sh fish; return ;;
    --type) compadd -- hello reset model.state model.removed model.log pull.progress engine.install key.created key.rotated key.revoked request.finished upstream.state route.state config.reloaded config.refused; return ;;
    --outcome) compadd -- complete incomplete aborted failed; return ;;
    --by) compadd -- key user team model upstream tag day; return ;;
    --format) compadd -- jsonl csv; return ;;
    --mode) compadd -- token mask block; return ;;
    --verdict) compadd -- sent refused; return ;;
  esac
  case "$place" in
    '') entries=(
      'serve:run the house on this machine, in the foreground'
      'status:tell how the house is'
      'chat:talk to a model\: one question, or a conversation'
      'models:list, load, unload, add and remove the models of this house'
      'catalogue:tell which models the world has, what they cost, and which can be used here'
      'pull:fetch a model from Hugging Face and add it'
      'keys:make, list, rotate and revoke API keys'
      'users:people who may sign in\: add, change, put out, remove'
      'teams:whom work is counted for together'
      'login:sign in with a user name and a password; stdout gets the access token alone'
      'env:print what points another program at this house, for your shell to read'
      'open:make a one-time sign-in link for the page'
      'logs:show what a model’s engine says'
      'events:show what happens in the house while it happens'
      'requests:list the last requests, newest first, or follow them'
      'request:tell where the time of one request went, and who was asked'
      'routes:tell who answers for which name, and how they are'
      'pools:tell which places are taken, and who waits for one'
      'usage:sum up requests, tokens and cost'
      'allowances:limits and budgets of users, teams, tags and models'
      'audit:list who changed what, newest first; prove that nothing of it was altered'
      'scrub:replace identifiers in a text by placeholders'
      'rehydrate:put the values back that "hearth scrub" replaced'
      'privacy:tell what leaves the house and how, and prove it'
      'config:show the settings with where each comes from; change the run-time ones'
      'tls:show how the house proves itself, and make devices trust it'
      'engine:list and install the engines that run models here'
      'admin:what only the owner of the machine may do'
      'doctor:look for what could go wrong\: this machine, its settings, and with --live a running house'
      'completion:print the completion script of a shell'
      'version:tell which Hearth this checkout is'
      'help:tell about the commands, or about one of them'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'serve') entries=(
      '--config:read this file instead of hearth.yaml in HEARTH_HOME'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'status') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'chat') entries=(
      '--system:instructions that stand before the conversation'
      '--temperature:how freely it chooses its words'
      '--max-tokens:the longest answer'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models') entries=(
      'list:list the local models with their state'
      'load:start a model and wait until it answers'
      'unload:stop a model once its running answers are done'
      'add:add a model at run time, from a file, from Hugging Face or as a command'
      'rm:take a model away that was added at run time; its file stays'
      'files:list model files found on this machine (Ollama, LM Studio, Hugging Face, Hearth)'
      'suggest:name some models that fit the memory here'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models list') entries=(
      '--all:every name that can be called, upstream models and aliases too'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models load') entries=(
      '--dry-run:only tell what would happen'
      '--yes:do not ask'
      '--no-wait:do not wait until it is done'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models unload') entries=(
      '--dry-run:only tell what would happen'
      '--yes:do not ask'
      '--no-wait:do not wait until it is done'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models add') entries=(
      '--file:a GGUF file on the house’s machine'
      '--hf:a file on Hugging Face, fetched when needed'
      '--context:context window'
      '--memory:estimate of its memory, for example 4GiB'
      '--ttl:unload after so long without a request, for example 10m'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models rm') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models files') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'models suggest') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'catalogue') entries=(
      'show:show one model, and why it can be used or not'
      'providers:list the providers\: where their keys are kept, and who is set up for them'
      'update:take another catalogue\: shows what would be new, gone or at another price, then asks'
      'reset:go back to the catalogue that came with Hearth'
      '--provider:only of this provider'
      '--usable:only what your key can use now'
      '--input:takes these in\: image, or text,audio'
      '--tools:calls tools'
      '--reasoning:thinks before it answers'
      '--open-weights:could run here'
      '--min-context:takes in so much'
      '--max-price:its answers cost no more than this'
      '--limit:so many; default 50'
      '--after:the page after the one that ended with this'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'catalogue show') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'catalogue providers') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'catalogue update') entries=(
      '--yes:do not ask'
      '--dry-run:only show what would change'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'catalogue reset') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'pull') entries=(
      '--id:the name that callers will use; default from the file'
      '--detach:do not wait until it is done'
      '--cancel:end a running pull'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'keys') entries=(
      'list:list the keys, without their secrets'
      'create:make a key; stdout gets the key alone, once'
      'rotate:give a key a new secret; stdout gets the key alone, once'
      'revoke:end a key at once; its running answers are cut'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'keys list') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'keys create') entries=(
      '--scope:what it may do; default inference'
      '--model:a model it may use, * at the end stands for any; default all'
      '--expires:after so long (30d, 12h) or at an ISO 8601 time; default never'
      '--requests-per-minute:limit of requests per minute'
      '--requests-per-hour:limit of requests per hour'
      '--requests-per-day:limit of requests per day'
      '--requests-per-month:limit of requests per month'
      '--tokens-per-minute:limit of tokens per minute'
      '--tokens-per-hour:limit of tokens per hour'
      '--tokens-per-day:limit of tokens per day'
      '--tokens-per-month:limit of tokens per month'
      '--concurrency:limit of requests at one time'
      '--budget:what may be spent, for example 5/month; periods\: day, week, month, total'
      '--weight:its share where several keys wait; default 1'
      '--priority:batch lets interactive requests go first'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'keys rotate') entries=(
      '--grace:how long the old secret stays valid (10m, 1d); default not at all'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'keys revoke') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users') entries=(
      'list:list everybody who may sign in'
      'add:make a user; stdout gets the link with which they choose a password, once'
      'set:change a user; what is not said stays'
      'deactivate:put a user out at once\: keys are revoked, sign-ins and running answers end'
      'activate:let a user in again, without the keys of before'
      'remove:put a user out and forget the names; what they used stays counted'
      'reset-password:make a link for choosing a new password, good once for a day; stdout gets the link alone'
      'invite:make a link with which somebody becomes a user, good once for a week; stdout gets the link alone'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users list') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users add') entries=(
      '--role:what they may do'
      '--team:a team they belong to; the first one counts'
      '--email:an e-mail address, also for signing in'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users set') entries=(
      '--role:what they may do'
      '--team:a team they belong to; the first one counts'
      '--email:an e-mail address, also for signing in'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users deactivate') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users activate') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users remove') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users reset-password') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'users invite') entries=(
      '--role:what they may do'
      '--team:a team they belong to; the first one counts'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'teams') entries=(
      'list:list the teams, with how many people and keys they have'
      'add:make a team'
      'rename:give a team another name'
      'remove:remove a team without people and keys'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'teams list') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'teams add') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'teams rename') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'teams remove') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'login') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'env') entries=(
      'claude:Claude Code'
      'codex:Codex'
      'openai:programs with an SDK of OpenAI'
      'anthropic:programs with an SDK of Anthropic'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'env claude') entries=(
      '--model:the model it is to use'
      '--shell:the shell that reads it; default the one in use'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'env codex') entries=(
      '--model:the model it is to use'
      '--shell:the shell that reads it; default the one in use'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'env openai') entries=(
      '--shell:the shell that reads it; default the one in use'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'env anthropic') entries=(
      '--shell:the shell that reads it; default the one in use'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'open') entries=(
      '--browser:open it in the browser, too'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'logs') entries=(
      '--follow:go on with what comes'
      '--tail:the last lines; default 200'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'events') entries=(
      '--follow:go on after a lost connection'
      '--type:only this'
      '--since:begin after this event'
      '--count:end after so many'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'requests') entries=(
      '--follow:go on with what comes'
      '--limit:so many; default 20, with --follow 10'
      '--by-key:only of this key'
      '--model:only to this model'
      '--upstream:only answered by this upstream, or local'
      '--outcome:only those that ended so'
      '--status:only with this status, 5xx for a class'
      '--endpoint:only at this one, for example chat/completions'
      '--text:only with this in a model’s name or in the reason'
      '--since:from then on\: 2h (ago), 2026-01-31 (UTC) or a time'
      '--until:before then'
      '--cursor:the page after the one that ended with this'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'request') entries=(
      '--bodies:show what was asked and answered, where it was kept'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'routes') entries=(
      '--configured:only names with an entry in routes of hearth.yaml'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'pools') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'usage') entries=(
      '--by:one line for each; default model'
      '--key:only of this key'
      '--user:only of this user'
      '--team:only of this team'
      '--model:only of this model'
      '--upstream:only of this upstream'
      '--tag:only of this tag'
      '--csv:a table for spreadsheets'
      '--since:from that day on (UTC)\: 2026-01-31, or 7d (ago)'
      '--until:days that begin before then'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'allowances') entries=(
      'list:list them and the keys that have a budget, with what is spent'
      'set:set all limits of a user, team, tag, model; what is not said is not limited'
      'remove:take its limits back'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'allowances list') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'allowances set') entries=(
      '--requests-per-minute:limit of requests per minute'
      '--requests-per-hour:limit of requests per hour'
      '--requests-per-day:limit of requests per day'
      '--requests-per-month:limit of requests per month'
      '--tokens-per-minute:limit of tokens per minute'
      '--tokens-per-hour:limit of tokens per hour'
      '--tokens-per-day:limit of tokens per day'
      '--tokens-per-month:limit of tokens per month'
      '--concurrency:limit of requests at one time'
      '--budget:what may be spent, for example 5/month; periods\: day, week, month, total'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'allowances remove') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'audit') entries=(
      'verify:go along the chain of all rows; ends with 1 when a row was edited, deleted, put in or moved'
      'export:write rows with their hashes, oldest first'
      'prune:take the oldest rows away; a row that says who did so stays, and the rest hangs on it'
      '--limit:so many; default 20'
      '--cursor:the page after the one that ended with this'
      '--who:only by this key, user, `local` or `hearth`'
      '--action:only this action; key.* takes all that begin so'
      '--target:only what was done to this'
      '--text:only rows that have this anywhere'
      '--since:from then on\: 2026-01-31T12\:00, or 2h (ago)'
      '--until:before then'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'audit verify') entries=(
      '--newest:only the last 10,000 rows'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'audit export') entries=(
      '--format:default jsonl'
      '--who:only by this key, user, `local` or `hearth`'
      '--action:only this action; key.* takes all that begin so'
      '--target:only what was done to this'
      '--text:only rows that have this anywhere'
      '--since:from then on\: 2026-01-31T12\:00, or 2h (ago)'
      '--until:before then'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'audit prune') entries=(
      '--before:rows from then on stay\: 2026-01-31, or 365d (ago)'
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'scrub') entries=(
      '--scope:the same value has the same placeholder within this name'
      '--policy:by this policy instead of default'
      '--mode:mask\: [EMAIL], nothing is kept; block\: fail if anything is found'
      '--explain:tell each place on stderr\: where, what and why'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'rehydrate') entries=(
      '--map:the map that scrub told on stderr'
      '--scope:the name that was given to scrub'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy') entries=(
      'status:whether identifiers and names are found, and whether anything can leave'
      'lists:show or change who belongs to this house, what must never leave, what is left alone'
      'scopes:list whose values can be put back, and until when'
      'shred:destroy a scope\: nobody can put its values back'
      'departures:list what left for clouds, or was refused\: counts and types, never values'
      'policy:show the policies in words, or set one at run time'
      'eval:tell how much of a labelled set is found, type by type'
      'leak-test:send seeded canaries through the guard to a cloud of our own; exit 1 if one arrives'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy status') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy lists') entries=(
      '--person:add somebody to the directory'
      '--host:add a machine to the directory'
      '--deny:add what must never leave'
      '--deny-pattern:add an expression for what must never leave'
      '--allow:add what is left alone'
      '--remove:take something off every list'
      '--set:take the lists of a JSON file'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy scopes') entries=(
      '--limit:so many; default 20'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy shred') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy departures') entries=(
      '--limit:so many; default 20'
      '--to:only what was for this upstream'
      '--verdict:only these'
      '--cursor:the page after the one that ended with this'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy policy') entries=(
      '--set:what it says; everything else has its safe value'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy eval') entries=(
      '--policy:by this policy instead of default'
      '--python-offsets:start and end count code points, as Python does'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'privacy leak-test') entries=(
      '--cases:so many; default 500'
      '--seed:the seed of an earlier report'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'config') entries=(
      'set:set a setting in the run-time overlay; environment and file stay above it'
      'unset:take a setting out of the overlay'
      '--changed:only what is not a default'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'config set') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'config unset') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'tls') entries=(
      'show:show the listeners, the certificate and its fingerprint'
      'export-ca:write the certificate of the house’s own authority to stdout, or to a file'
      'renew:show another certificate now; open connections stay'
      'client-cert:make a certificate for a client of server.mutualTls; writes NAME.crt, NAME.key and ca.crt'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'tls show') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'tls export-ca') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'tls renew') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'tls client-cert') entries=(
      '--days:how long it is good for; default 365'
      '--into:where the files are written; default here'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'engine') entries=(
      'list:list the engines'
      'install:install an engine for what this machine has'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'engine list') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'engine install') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'admin') entries=(
      'reset:make a new admin key in place of the old one; stdout gets the key alone, once'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'admin reset') entries=(
      '--yes:do not ask'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'doctor') entries=(
      '--live:ask the running house, too\: status, upstreams, events, a token'
      '--config:check this file instead of hearth.yaml in HEARTH_HOME'
      '--no-token:leave out the token through the smoke model, which starts an engine'
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'completion') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'version') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
    'help') entries=(
      '--json:answer in JSON; streams as one JSON text per line'
      '--url:the house to talk to, instead of the one on this machine (HEARTH_URL)'
      '--key:the key to show there (HEARTH_API_KEY)'
      '--home:where the house on this machine lives (HEARTH_HOME, ~/.hearth)'
      '--no-color:no colours (NO_COLOR)'
      '--help:tell about a command'
    ) ;;
  esac
  _describe 'hearth' entries
}
if [ "$funcstack[1]" = _hearth ]; then _hearth "$@"; else compdef _hearth hearth; fi
