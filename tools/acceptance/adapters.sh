#!/usr/bin/env bash
# Adapters beside peft's: 20 steps of TRL's trainers from the same adapter, and adapters of either side loaded by the other. A line a check; ends with 1 when a check is out.
#
# Use: tools/acceptance/adapters.sh PEERS_DIR [OUT_DIR]
#   PEERS_DIR   v/bin/python with torch, transformers, trl 1.16 and peft 0.21
# RLHF4J names another launcher than ./rlhf4j; the classes are those of the last build here.
set -uo pipefail
if [ $# -lt 1 ]; then
  sed -n '4,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 out=${2:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
rlhf4j=${RLHF4J:-$home/rlhf4j}
python=$peers/v/bin/python
export OMP_NUM_THREADS=1
mkdir -p "$out/merged" "$out/scored"
. "$here/common.sh"

quietly "$python" "$here/../golden/trajectories.py" "$out" none
python3 "$here/adapters.py" prepare "$out"
quietly "$rlhf4j" run "$out/begin.yaml" --overwrite
quietly "$rlhf4j" run "$out/train.yaml" --overwrite
quietly "$python" "$here/adapters.py" train "$out"
check python3 "$here/trajectories.py" "$out/runs/train" "$out/adapters.json"
while read -r case model; do
  quietly "$rlhf4j" export "$out/$model" --adapter "$out/peft/$case" --merge --out "$out/merged/$case"
  quietly "$rlhf4j" score --model "$out/runs/train/$case/model" --data "$out/ids.jsonl" --out "$out/scored/$case-ours.jsonl"
  quietly "$rlhf4j" score --model "$out/merged/$case" --data "$out/ids.jsonl" --out "$out/scored/$case-theirs.jsonl"
done < <(python3 "$here/adapters.py" cases)
check "$python" "$here/adapters.py" compare "$out"
exit $failed
