#!/usr/bin/env bash
# The chain against its references, a line a check: golden trajectories of TRL, texts and scores of transformers, our models read by transformers,
# the same bytes after two runs, with 1 and 2 threads, and after kill and resume in six stages. Ends with 1 when a check is out.
#
# Use: tools/acceptance/chain.sh PEERS_DIR SHARED_DIR [OUT_DIR]
#   PEERS_DIR   v/bin/python with torch and transformers; smollm2-hf, the folder that SHARED_DIR/tools/make_smollm2.py writes
#   SHARED_DIR  data/stories260k-hf, data/golden
# RLHF4J names another launcher than ./rlhf4j.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '5,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 shared=$2 out=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
rlhf4j=${RLHF4J:-$here/../../rlhf4j}
python=$peers/v/bin/python
data=$shared/data
mkdir -p "$out"
. "$here/common.sh"

# 1. Golden trajectories, from the texts
golden_trajectories

# 2. Texts and scores of stories260k
check python3 "$here/generation.py" requests "$shared" "$out"
for prompt in "$out"/prompt-*; do
  i=${prompt##*-}
  "$rlhf4j" generate --model "$data/stories260k-hf" --greedy --max-new-tokens "$(cat "$out/tokens-$i")" --prompt "$(cat "$prompt")" >"$out/text-$i"
done
quietly "$rlhf4j" score --model "$data/stories260k-hf" --data "$out/score.jsonl" --out "$out/scored.jsonl"
check python3 "$here/generation.py" compare "$shared" "$out"

# 3. Our models in transformers: the golden run's, on texts of the same data
head -n 40 "$data/golden/pairs.jsonl" | python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    for key in ("chosen", "rejected"):
        print(json.dumps({"prompt": row.get("prompt", ""), "completion": row[key]}))' >"$out/texts.jsonl"
for stage in sft reward dpo; do
  quietly "$rlhf4j" score --model "$out/runs/golden/$stage/model" --data "$out/texts.jsonl" --out "$out/scored-$stage.jsonl"
  check "$python" "$here/in_transformers.py" "$out/runs/golden/$stage/model" "$out/scored-$stage.jsonl" "$stage in transformers"
done

# 3b. transformers' generate stops where ours stops: every family, three tokenizers, every kind of stage; stop strings
ends=$out/ends
rm -rf "$ends"
mkdir -p "$ends"
quietly "$python" "$here/generate_in_transformers.py" prepare "$peers/smollm2-hf" "$ends"
quietly "$rlhf4j" run "$ends/run.yaml" --overwrite
"$python" "$here/generate_in_transformers.py" models "$ends" | while read -r model folder; do
  "$rlhf4j" generate --model "$folder" --data "$ends/prompts.jsonl" --greedy --max-new-tokens 16 --out "$ends/$model.jsonl" 2>/dev/null
  "$rlhf4j" generate --model "$folder" --data "$ends/prompts.jsonl" --greedy --max-new-tokens 16 --stop an --out "$ends/$model-stop.jsonl" 2>/dev/null
done
check "$python" "$here/generate_in_transformers.py" compare "$ends"

# 4. A real instruction-tuned model
answer=$("$rlhf4j" generate --model "$peers/smollm2-hf" --greedy --chat --max-new-tokens 20 --prompt 'What is the capital of France?')
if [ "$answer" = 'The capital of France is Paris.' ]; then
  printf 'ok   %-44s %s\n' 'SmolLM2, greedy, --chat' "$answer"
else
  printf 'OUT  %-44s %s\n' 'SmolLM2, greedy, --chat' "$answer"
  failed=1
fi

# 5. The same bytes
cat >"$out/bytes.yaml" <<YAML
name: bytes
seed: 11
output_dir: $out/first
stages:
  sft: {type: sft, model: $data/stories260k-hf, dataset: $data/golden/demonstrations.jsonl, batch_size: 4, max_steps: 14, save_steps: 4,
    max_length: 256, learning_rate: 1e-3, dropout: 0.1, logging_steps: 1}
  reward: {type: reward, model: sft, dataset: $data/golden/pairs.jsonl, batch_size: 4, max_steps: 14, save_steps: 4, max_length: 256,
    learning_rate: 3e-4, logging_steps: 1}
  dpo: {type: dpo, model: sft, dataset: $data/golden/pairs.jsonl, batch_size: 4, max_steps: 14, save_steps: 4, max_length: 256,
    learning_rate: 1e-4, logging_steps: 1}
  ppo: {type: ppo, model: sft, reward_model: reward, dataset: $data/golden/pairs.jsonl, batch_size: 8, max_steps: 10, save_steps: 4,
    max_prompt_length: 96, response_length: 24, num_ppo_epochs: 2, num_mini_batches: 2, learning_rate: 1e-4, kl_controller: adaptive, ema_decay: 0.9,
    logging_steps: 1}
  grpo: {type: grpo, model: sft, reward_model: reward, dataset: $data/golden/pairs.jsonl, batch_size: 4, num_generations: 4, max_steps: 10, save_steps: 3,
    max_prompt_length: 96, max_completion_length: 24, steps_per_generation: 2, num_iterations: 2, beta: 0.05, filter_groups: true, learning_rate: 1e-4, logging_steps: 1}
  rloo: {type: rloo, model: sft, reward_model: reward, dataset: $data/golden/pairs.jsonl, batch_size: 4, num_generations: 4, max_steps: 10, save_steps: 3,
    max_prompt_length: 96, max_completion_length: 24, num_iterations: 2, learning_rate: 1e-4, logging_steps: 1}
  exact: {type: ppo, model: sft, reward_model: reward, dataset: $data/golden/pairs.jsonl, batch_size: 8, max_steps: 4, max_prompt_length: 96,
    response_length: 24, num_ppo_epochs: 1, learning_rate: 1e-4, temperature: 0.7, exact_on_policy: true, logging_steps: 1}
YAML
quietly "$rlhf4j" run "$out/bytes.yaml" --overwrite --threads 2
quietly "$rlhf4j" run "$out/bytes.yaml" --overwrite --threads 2 "output_dir=$out/second"
check python3 "$here/same_bytes.py" "$out/first/bytes" "$out/second/bytes" 'two runs'
check python3 "$here/sampler.py" "$out/first/bytes"
quietly "$rlhf4j" run "$out/bytes.yaml" --overwrite --threads 1 "output_dir=$out/one"
check python3 "$here/same_bytes.py" "$out/first/bytes" "$out/one/bytes" '1 and 2 threads'
rm -rf "$out/killed"
check python3 "$here/killed.py" "$out/killed/bytes" sft,reward,dpo,ppo,grpo,rloo 6 "$rlhf4j" run "$out/bytes.yaml" "output_dir=$out/killed"
check python3 "$here/same_bytes.py" "$out/first/bytes" "$out/killed/bytes" 'killed and resumed'

if python3 -c 'import yaml, jsonschema' 2>/dev/null; then
  check python3 "$here/run_file_schema.py" "$rlhf4j"
else
  echo 'left out: run_file_schema.py needs PyYAML and jsonschema'
fi

[ $failed -eq 0 ] && echo 'all checks hold' || echo 'checks are out'
exit $failed
