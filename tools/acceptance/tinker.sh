#!/usr/bin/env bash
# `tinker` as the Tinker SDK sees it: each call, each step's loss beside torch with PEFT and beside the stage sft, and two recipes of tinker-cookbook. A line a check; ends with 1 when a check is out.
#
# Use: tools/acceptance/tinker.sh PEERS_DIR SHARED_DATA [OUT_DIR]
#   PEERS_DIR     v/bin/python with torch, transformers and peft; smollm2-hf, a chat model's folder
#   SHARED_DATA   a folder with stories260k-hf
# Installs tinker 0.38.0 and tinker-cookbook 0.6.1 into a virtual environment in OUT_DIR: needs a network for that. RLHF4J names another launcher than ./rlhf4j; SMALL=1 leaves smollm2 out.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '4,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 data=$2 out=${3:-$(mktemp -d)}
mkdir -p "$out" && out=$(cd "$out" && pwd -P)
here=$(cd "$(dirname "$0")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
rlhf4j=${RLHF4J:-$home/rlhf4j}
python=$out/v/bin/python
export OMP_NUM_THREADS=2 HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false CUDA_VISIBLE_DEVICES='' TINKER_API_KEY=tml-local TINKER_TELEMETRY=0
. "$here/common.sh"

if ! "$python" -c 'import tinker, tinker_cookbook, sympy' 2>/dev/null; then
  environment
  quietly "$python" -m pip install -q tinker==0.38.0
  # without its dependencies: it asks for a version of tml-renderers that may not be on the registry, and its text renderers do not need it
  quietly "$python" -m pip install -q --no-deps tinker-cookbook==0.6.1
  quietly "$python" -m pip install -q aiohttp blobfile chz cloudpickle pyrage termcolor tiktoken jinja2 tml-renderers sympy pylatexenc 'antlr4-python3-runtime<4.14'
fi

models=(--model "$data/stories260k-hf")
[ -n "${SMALL:-}" ] || models+=(--model "$peers/smollm2-hf")

# serving NAME: the server with the folder NAME; its address in $url
serving() {
  started 300 "$out/$1.log" 's|^base_url \(http://[^,]*\),.*|\1|p' "$rlhf4j" tinker "${models[@]}" --dir "$out/$1" --port 0
}

ended() {
  kill -TERM "$server"
  wait "$server"
  server=
}

# recipe NAME MODULE ARGUMENTS...: whether a recipe trains to its end
recipe() {
  local name=$1
  shift
  if "$python" -m "$@" base_url="$url" log_path="$out/recipe-$name" behavior_if_log_dir_exists=delete >"$out/$name.log" 2>&1 \
    && grep -q 'Training completed successfully' "$out/$name.log"; then
    "$python" "$here/tinker_sdk.py" recipe "$name" "$out/recipe-$name/metrics.jsonl" || failed=1
  else
    printf 'OUT  recipe %s: %s\n' "$name" "$(tail -n 1 "$out/$name.log")"
    failed=1
  fi
}

rm -rf "$out/first" "$out/second" # so that sessions have the same numbers
serving first
check "$python" "$here/tinker_sdk.py" calls "$url" "$data/stories260k-hf" "$out"
check "$python" "$here/tinker_sdk.py" steps "$url" "$data/stories260k-hf" "$out/first" "$out"
cat >"$out/sft.yaml" <<YAML
name: tinker
seed: 1
output_dir: $out/runs
stages:
  sft: {type: sft, model: {base: $data/stories260k-hf, adapter: $out/begin}, dataset: $out/texts.jsonl, shuffle: false, batch_size: 4, max_steps: 5,
    learning_rate: 1e-3, lr_scheduler_type: constant, logging_steps: 1, max_grad_norm: 0, adam_beta2: 0.95, adam_epsilon: 1e-8, warmup_steps: 0}
YAML
quietly "$rlhf4j" run "$out/sft.yaml" --overwrite
check "$python" "$here/tinker_sdk.py" stage "$out/losses.json" "$out/runs/tinker"
"$python" "$here/tinker_sdk.py" chats "$out/chats.jsonl"
recipe supervised tinker_cookbook.recipes.chat_sl.train model_name="$data/stories260k-hf" dataset="$out/chats.jsonl" renderer_name=role_colon \
  batch_size=4 max_length=256 lora_rank=4 learning_rate=1e-2 num_epochs=2 save_every=2 eval_every=0
common=(env=arithmetic loss_fn=importance_sampling eval_every=0 save_every=0)
if [ -n "${SMALL:-}" ]; then # which never solves a problem: all rewards are the same
  recipe reinforcement tinker_cookbook.recipes.math_rl.train model_name="$data/stories260k-hf" renderer_name=role_colon "${common[@]}" groups_per_batch=4 group_size=4 \
    max_tokens=5 lora_rank=4 learning_rate=1e-4 max_steps=2
else
  recipe rewards tinker_cookbook.recipes.math_rl.train model_name="$peers/smollm2-hf" renderer_name=qwen3_instruct "${common[@]}" groups_per_batch=2 group_size=8 \
    max_tokens=6 lora_rank=8 learning_rate=1e-3 max_steps=8
fi
ended

serving second
check "$python" "$here/tinker_sdk.py" calls "$url" "$data/stories260k-hf" "$out" again
ended
exit $failed
