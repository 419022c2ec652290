#!/usr/bin/env bash
# Our tokenizer against Python's tokenizers: ids of generated texts (all scripts, emoji, control characters, runs of spaces, special tokens, lone surrogates), decoded whole and as a stream.
# A line for each tokenizer and check; ends with 1 when one differs.
#
# Use: tools/acceptance/tokenizers.sh PEERS_DIR SHARED_DIR [OUT_DIR]
#   PEERS_DIR   v/bin/python with tokenizers; smollm2-hf
#   SHARED_DIR  data/stories260k-hf
# TEXTS: how many texts a tokenizer (12000). RLHF4J names another launcher than ./rlhf4j.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '5,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 shared=$2 out=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
rlhf4j=${RLHF4J:-$here/../../rlhf4j}
python=$peers/v/bin/python
mkdir -p "$out"
failed=0

compare() { # NAME DIR SEED
  python3 "$here/compare_tokenizers.py" write "$2" "$out/$1.jsonl" "$3" "${TEXTS:-12000}" &&
    "$rlhf4j" tokenize --model "$2" --data "$out/$1.jsonl" --out "$out/$1.ids.jsonl" &&
    python3 "$here/compare_tokenizers.py" ids "$out/$1.ids.jsonl" "$out/$1.back.jsonl" &&
    "$rlhf4j" tokenize --model "$2" --data "$out/$1.back.jsonl" --out "$out/$1.texts.jsonl" &&
    "$python" "$here/compare_tokenizers.py" compare "$1" "$2" "$out/$1.jsonl" "$out/$1.ids.jsonl" "$out/$1.texts.jsonl" || failed=1
}

# One trained by our own BpeTrainer, on the synthetic world
cat >"$out/own.yaml" <<YAML
name: own
output_dir: $out/runs
stages:
  own: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 2000}, tokenizer: {vocab_size: 1000}, max_steps: 1, batch_size: 1,
    architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64}}
YAML
"$rlhf4j" run "$out/own.yaml" --overwrite >"$out/own.log" 2>&1 || { tail -n 3 "$out/own.log"; exit 1; }

compare stories260k "$shared/data/stories260k-hf" 1
compare smollm2 "$peers/smollm2-hf" 2
compare own "$out/runs/own/own/model" 3
exit $failed
