#!/usr/bin/env bash
# Completion in real shells: shells.sh RLHF4J [OUT]; those of bash, zsh and fish that are installed. A line a check; exits 1 if one fails.
set -uo pipefail
rlhf4j=$1
out=${2:-$(mktemp -d)}
mkdir -p "$out"
failed=0

check() { # TEXT EXPECTED GIVEN...: whether EXPECTED is one of the words
  local text=$1 expected=$2
  shift 2
  case " $* " in *" $expected "*) printf 'ok   %s\n' "$text" ;; *)
    printf 'OUT  %s (%s)\n' "$text" "$*"
    failed=1
    ;;
  esac
}

for shell in bash zsh fish; do "$rlhf4j" completion $shell >"$out/completion.$shell" || failed=1; done

in_bash() {
  bash --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _complete_rlhf4j 2>/dev/null; printf "%s " "${COMPREPLY[@]}"' _ "$out/completion.bash" "$@"
}
check 'bash: a command' compare $(in_bash rlhf4j comp)
check 'bash: an option' --resume $(in_bash rlhf4j run --res)
check 'bash: a command of a command' plugin $(in_bash rlhf4j new pl)
check 'bash: a word' grpo $(in_bash rlhf4j new run gr)

if command -v zsh >/dev/null; then
  in_zsh() { # zsh's completion wants a terminal: the functions of bash's script are asked through bashcompinit
    zsh -f -c 'autoload -U +X compinit && compinit -u -D; source "$1" 2>/dev/null; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); emulate -L ksh; _complete_rlhf4j 2>/dev/null; print -r -- "${COMPREPLY[@]}"' _ "$out/completion.zsh" "$@"
  }
  check 'zsh: a command' compare $(in_zsh rlhf4j comp)
  check 'zsh: an option' --resume $(in_zsh rlhf4j run --res)
  check 'zsh: a word' grpo $(in_zsh rlhf4j new run gr)
else
  echo 'left out: zsh is not installed'
fi

if command -v fish >/dev/null; then
  in_fish() { fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$out/completion.fish" "$1" | cut -f 1; }
  check 'fish: a command' compare $(in_fish 'rlhf4j comp')
  check 'fish: an option' --resume $(in_fish 'rlhf4j run --res')
  check 'fish: a command of a command' plugin $(in_fish 'rlhf4j new pl')
  check 'fish: a word' grpo $(in_fish 'rlhf4j new run gr')
  check 'fish: an option after other options' --max-new-tokens $(in_fish 'rlhf4j generate --model DIR --max-n')
  check 'fish: a shell' fish $(in_fish './rlhf4j completion f')
else
  echo 'left out: fish is not installed'
fi
exit $failed
