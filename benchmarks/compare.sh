#!/usr/bin/env bash
# Measures this program against its peers (TRL, transformers on PyTorch) on this machine, side by side and interleaved.
#   benchmarks/compare.sh --model DIR [--pairs FILE.jsonl] [--rounds 5] [--steps 20] [--batch 8] [--only sft,lean,reward,dpo,dpo_cached,ppo,ppo_real,grpo,grpo_rollouts,generate_16,generate_1] [--out DIR]
# DIR is a Hugging Face directory of a llama model; FILE.jsonl has lines of {"prompt", "chosen", "rejected"}, by default the synthetic world's.
# PEERS and PEERS_PPO name virtual environments that have the peers already (PPO: TRL 1.12, the last that has it);
# else they are made in benchmarks/.venv and benchmarks/.venv-ppo, which takes its other packages from the first (about 5 GB, from the Python package index).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=${PEERS:-$home/benchmarks/.venv}
export PEERS_PPO=${PEERS_PPO:-$home/benchmarks/.venv-ppo}
if [ ! -x "$peers/bin/python" ]; then
  python3 -m venv "$peers"
  "$peers/bin/pip" install -q torch==2.15.0 transformers==5.24.0 trl==1.16.0 datasets accelerate
fi
if [ ! -x "$PEERS_PPO/bin/python" ]; then
  python3 -m venv "$PEERS_PPO"
  packages='import sysconfig; print(sysconfig.get_paths()["purelib"])'
  "$peers/bin/python" -c "$packages" >"$("$PEERS_PPO/bin/python" -c "$packages")/zz.pth" # comes after its own packages
  "$PEERS_PPO/bin/pip" install -q --no-deps trl==1.12.0
fi
exec "$peers/bin/python" "$home/benchmarks/compare.py" "$@"
