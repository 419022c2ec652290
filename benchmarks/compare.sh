#!/usr/bin/env bash
# Measures this program against its peers (TRL, transformers on PyTorch) on this machine, side by side and interleaved.
#   benchmarks/compare.sh --model DIR [--pairs FILE.jsonl] [--rounds 5] [--steps 20] [--batch 8] [--only sft,lean,reward,dpo,dpo_cached,generate_16,generate_1] [--out DIR]
# DIR is a Hugging Face directory of a llama model; FILE.jsonl has lines of {"prompt", "chosen", "rejected"}, by default the synthetic world's.
# PEERS names a virtual environment that has the peers already; else one is made in benchmarks/.venv (about 5 GB, from the Python package index).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=${PEERS:-$home/benchmarks/.venv}
if [ ! -x "$peers/bin/python" ]; then
  python3 -m venv "$peers"
  "$peers/bin/pip" install -q torch==2.15.0 transformers==5.24.0 trl==1.16.0 datasets accelerate
fi
exec "$peers/bin/python" "$home/benchmarks/compare.py" "$@"
