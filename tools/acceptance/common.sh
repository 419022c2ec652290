# What chain.sh, parity.sh, serve.sh and others share; sourced once $rlhf4j, $here and $out are set, and what a function below names.
failed=0

# Runs a check, whose lines are shown; its last messages where it fails.
check() {
  "$@" 2>"$out/errors" && return
  failed=1
  tail -n 3 "$out/errors"
}

# Runs what has nothing to show; a line where it fails.
quietly() {
  "$@" >"$out/log" 2>&1 && return
  printf 'OUT  failed with %s: %s\n' $? "$*"
  tail -n 5 "$out/log"
  failed=1
}

# The server that a script has started, which ends with the script.
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null' EXIT

# started SECONDS LOG PATTERN COMMAND...: starts a server that writes to LOG; its address, what sed's PATTERN finds there, is in $url.
started() {
  local seconds=$1 log=$2 pattern=$3
  shift 3
  "$@" >"$log" 2>&1 &
  server=$!
  url=
  for _ in $(seq "$seconds"); do
    url=$(sed -n "$pattern" "$log")
    [ -z "$url" ] || return 0
    sleep 1
  done
  printf 'OUT  the server did not start: %s: %s\n' "$*" "$(tail -n 1 "$log")"
  exit 1
}

# environment: a new virtual environment in $out/v, whose python is $python, with all that $peers' has.
environment() {
  "$peers/v/bin/python" -m venv "$out/v"
  "$peers/v/bin/python" -c 'import site; print(site.getsitepackages()[0])' >"$(echo "$out"/v/lib/python3*/site-packages)/peers.pth"
}

# The golden trajectories: 50 steps of stories260k, from the texts, in $out/runs/golden.
golden_trajectories() {
  cat >"$out/golden.yaml" <<YAML
name: golden
seed: 1
output_dir: $out/runs
stages:
  sft: {type: sft, model: $data/stories260k-hf, dataset: $data/golden/demonstrations.jsonl, shuffle: false, batch_size: 8, max_steps: 50,
    learning_rate: 1e-3, lr_scheduler_type: constant, logging_steps: 1}
  reward: {type: reward, model: $data/golden/reward-start, dataset: $data/golden/pairs.jsonl, shuffle: false, batch_size: 8, max_steps: 50,
    learning_rate: 3e-4, lr_scheduler_type: constant, logging_steps: 1, center_rewards_coefficient: 0.01}
  dpo: {type: dpo, model: $data/stories260k-hf, dataset: $data/golden/pairs.jsonl, shuffle: false, batch_size: 8, max_steps: 50,
    learning_rate: 1e-4, lr_scheduler_type: constant, logging_steps: 1, warmup_steps: 0, beta: 0.1}
YAML
  quietly "$rlhf4j" run "$out/golden.yaml" --overwrite
  check python3 "$here/trajectories.py" "$out/runs/golden" "$data"/golden/{sft,reward,dpo}.json
}
