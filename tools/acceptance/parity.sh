#!/usr/bin/env bash
# Parity with the references, a line a check: whole trajectories of TRL's trainers, trained here by run files from the same texts; log-probs, logits, gradients
# and greedy ids of transformers' models, and ours loaded there; an iteration of PPO; token ids and chat templates.
# Ends with 1 when a check is out. docs/parity.md says what each line means.
#
# Use: tools/acceptance/parity.sh PEERS_DIR SHARED_DIR [OUT_DIR]
#   PEERS_DIR   v/bin/python with torch, transformers and trl 1.16; v2/bin/python with trl 1.12, the last that has PPO's functions; smollm2-hf, the folder that SHARED_DIR/tools/make_smollm2.py writes
#   SHARED_DIR  data/stories260k-hf, data/golden, data/tiny-models
# RLHF4J names another launcher than ./rlhf4j; the classes are those of the last build here.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '6,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 shared=$2 out=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
rlhf4j=${RLHF4J:-$home/rlhf4j}
python=$peers/v/bin/python
export OMP_NUM_THREADS=1
data=$shared/data
mkdir -p "$out"
. "$here/common.sh"

model_numbers() {
  quietly "${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$home/core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options" -cp "$(<"$home/cli/target/class-path.txt")" "$here/ModelNumbers.java" "$@"
}

# 1. Golden trajectories: 50 steps of stories260k, from the texts
golden_trajectories

# 2. Trajectories made now, with TRL's trainers: 10 steps of tiny models, and of SmolLM2's tokenizer and template
quietly "$python" "$here/../golden/trajectories.py" "$out/trajectories" --chat "$peers/smollm2-hf"
sed "s|FOLDER|$out/trajectories|g" "$out/trajectories/run.yaml" >"$out/trajectories.yaml"
quietly "$rlhf4j" run "$out/trajectories.yaml" --overwrite
check python3 "$here/trajectories.py" "$out/trajectories/runs/trajectories" "$out/trajectories/expected.json"

# 3. Random tiny models of each family, on both kernels
tiny=$out/tiny-models
mkdir -p "$tiny"
python3 "$here/tiny_models.py" prepare "$shared" "$tiny"
for kernels in cpu nd4j; do
  for model in "$tiny"/*/; do
    quietly "$rlhf4j" score --kernels $kernels --model "$model" --data "$model/ids.jsonl" --out "$model/scored-$kernels.jsonl"
    quietly "$rlhf4j" generate --kernels $kernels --model "$model" --greedy --max-new-tokens 16 --prompt "$(cat "$model/prompt")" \
      --out "$model/generated-$kernels.jsonl"
  done
  check python3 "$here/tiny_models.py" compare "$shared" "$tiny" $kernels
  model_numbers $kernels "$tiny"/*/
  check python3 "$here/model_numbers.py" compare $kernels "$tiny"/*/
done

# 4. Every variant of every family, made now: theirs here, ours there
variants=$out/variants
mkdir -p "$variants"
quietly "$python" "$here/model_numbers.py" prepare "$variants"
for kernels in cpu nd4j; do
  model_numbers $kernels "$variants"/*/
  check python3 "$here/model_numbers.py" compare $kernels "$variants"/*/
done
check "$python" "$here/model_numbers.py" load "$variants"/*/

# Attention's weights on the page of inspect, in transformers' eager attention
check "$python" "$here/attention.py" "$rlhf4j" "$out/attention" "$peers/smollm2-hf"

# Reward models of tokenizers whose end token is also the begin, unknown or padding token: scores of padded batches in transformers
padding=$out/padding
quietly "$python" "$here/padding.py" prepare "$padding"
quietly "$rlhf4j" run "$padding/run.yaml" --overwrite
for variant in $(python3 "$here/padding.py" variants); do
  quietly "$rlhf4j" score --model "$padding/runs/padding/$variant/model" --data "$padding/texts.jsonl" --out "$padding/$variant-scored.jsonl"
done
check "$python" "$here/padding.py" compare "$padding"

# 5. PPO on fixtures made now: one iteration of a script in double, and TRL 1.12's steps
ppo=$out/ppo
mkdir -p "$ppo"
rm -f "$ppo/differences.tsv"
quietly "$python" "$here/../golden/ppo_update.py" "$ppo/update"
quietly "$peers/v2/bin/python" "$here/../golden/ppo_minibatch.py" "$ppo/ppo-minibatch.tsv"
# shellcheck disable=SC2086
quietly "$home/mvnw" -q -B -f "$home/pom.xml" -pl ppo -am test "-Dgolden=$ppo" -Dtest=PpoTrlTest,PpoUpdateTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dspotless.check.skip=true -Dcheckstyle.skip=true -Denforcer.skip=true ${RLHF4J_MAVEN_OPTS:-}
check python3 "$here/differences.py" "$ppo/differences.tsv"
# Whole stages against TRL 1.12's PPOTrainer: total_episodes, stop tokens, the end penalty
quietly "$peers/v2/bin/python" "$here/../golden/ppo_stops.py" "$out/trajectories"
quietly "$rlhf4j" run "$out/trajectories/stops.yaml" --overwrite
check python3 "$here/ppo_stops.py" "$out/trajectories"

# Process reward models against TRL 1.12's PRMTrainer, its last
quietly "$peers/v2/bin/python" "$here/../golden/process_rewards.py" "$out/trajectories"
sed "s|FOLDER|$out/trajectories|g" "$out/trajectories/process.yaml" >"$out/process.yaml"
quietly "$rlhf4j" run "$out/process.yaml" --overwrite
check python3 "$here/trajectories.py" "$out/trajectories/runs/process" "$out/trajectories/process.json"

# New models: experts, the maximal-update parametrisation in the paper's own form, the gradient's noise
new=$out/new-models
mkdir -p "$new"
python3 "$here/new_models.py" prepare "$new"
quietly "$rlhf4j" run "$new/begin.yaml" --overwrite
quietly "$rlhf4j" run "$new/train.yaml" --overwrite
quietly "$python" "$here/new_models.py" train "$new"
check python3 "$here/trajectories.py" "$new/runs/train" "$new/new_models.json"
check "$python" "$here/new_models.py" compare "$new"

# 6. Token ids, chat templates
"$here/tokenizers.sh" "$peers" "$shared" "$out/tokenizers" || failed=1
"$here/templates.sh" "$peers" "$shared" "$out/templates" || failed=1

[ $failed -eq 0 ] && echo 'all checks hold' || echo 'checks are out'
exit $failed
