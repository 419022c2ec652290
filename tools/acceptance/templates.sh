#!/usr/bin/env bash
# Our chat templates against transformers' apply_chat_template: every template of the installed trl and SmolLM2's, over conversations with and without system, turns, empty contents and tools.
# A line for each template: renders, those that both refuse, assistant masks compared, differences. Ends with 1 when one differs.
#
# Use: tools/acceptance/templates.sh PEERS_DIR SHARED_DIR [OUT_DIR]
#   PEERS_DIR   v/bin/python with transformers and trl; smollm2-hf
#   SHARED_DIR  not read
# RLHF4J names another launcher than ./rlhf4j.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '5,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 out=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
rlhf4j=${RLHF4J:-$here/../../rlhf4j}
python=$peers/v/bin/python
mkdir -p "$out"
folder=$("$python" -c 'import importlib.util as u; print(u.find_spec("trl").submodule_search_locations[0] + "/chat_templates")') || exit 1

python3 "$here/compare_templates.py" write "$out/cases.jsonl" "$peers/smollm2-hf" "$folder"/*.jinja &&
  "$rlhf4j" tokenize --model "$peers/smollm2-hf" --data "$out/cases.jsonl.given" --out "$out/ours.jsonl" --keep-going &&
  "$python" "$here/compare_templates.py" compare "$out/cases.jsonl" "$out/ours.jsonl" "$peers/smollm2-hf"
