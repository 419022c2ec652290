#!/usr/bin/env bash
# `serve` beside llama.cpp's server, the same models and one thread each: a table of tokens a second, and a second of processor time, under 1, 8 and 32 clients. Four minutes on a quiet machine.
#
# Use: benchmarks/serve.sh LLAMA_SERVER PEERS_DIR [OUT_DIR]
#   LLAMA_SERVER   the program (cmake --build BUILD --target llama-server)
#   PEERS_DIR      llama6m and smollm2-hf, folders of models
# WEIGHTS=bfloat16 or int8 compares models held so (GGUF: BF16, Q8_0). THREADS, MODELS="llama6m", CLIENTS=1,8,32, TURNS=2 and RLHF4J change what they name.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '4,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
llama=$1 peers=$2 out=${3:-$(mktemp -d)}
mkdir -p "$out"
here=$(cd "$(dirname "$0")" && pwd -P)
rlhf4j=${RLHF4J:-$here/../rlhf4j}
threads=${THREADS:-1}
own=()
type=F32
case ${WEIGHTS:-} in
  '') ;;
  bfloat16) own=(--weights bfloat16) type=BF16 ;;
  int8) own=(--weights int8) type=Q8_0 ;;
  *) echo "WEIGHTS must be bfloat16 or int8" >&2; exit 2 ;;
esac
pids=()
stop() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
  wait 2>/dev/null
  pids=()
}
trap stop EXIT

# answers URL PID LOG: waits until a server is there
answers() {
  for _ in $(seq 180); do
    kill -0 "$2" 2>/dev/null || break
    python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/health", timeout=2)' "$1" 2>/dev/null && return
    sleep 1
  done
  tail -n 3 "$3" >&2
  echo "no server at $1" >&2
  exit 1
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

for model in ${MODELS:-llama6m smollm2-hf}; do
  case $model in
    llama6m) tokens=64 requests=4 ;;
    *) tokens=24 requests=1 ;;
  esac
  file=$out/$model-$type.gguf
  [ -e "$file" ] || "$rlhf4j" export "$peers/$model" --gguf "$type" --out "$file" >"$out/export.log" 2>&1 || { tail -n 2 "$out/export.log" >&2; exit 1; }
  ours=$(free_port)
  "$rlhf4j" serve --model "$peers/$model" --threads "$threads" --port "$ours" "${own[@]}" >"$out/ours-$model.log" 2>&1 &
  pids+=($!)
  theirs=$(free_port)
  "$llama" -m "$file" -t "$threads" -tb "$threads" -np 32 -c 16384 -b 512 -ub 512 --host 127.0.0.1 --port "$theirs" >"$out/llama-$model.log" 2>&1 &
  pids+=($!)
  answers "http://127.0.0.1:$ours" "${pids[0]}" "$out/ours-$model.log"
  answers "http://127.0.0.1:$theirs" "${pids[1]}" "$out/llama-$model.log"
  printf '\n%s, %s, %d new tokens\n' "$model" "$type" "$tokens"
  python3 "$here/serve.py" "ours=http://127.0.0.1:$ours,${pids[0]}" "llama-server=http://127.0.0.1:$theirs,${pids[1]}" \
    --clients "${CLIENTS:-1,8,32}" --tokens "$tokens" --requests "$requests" --turns "${TURNS:-2}" --json "$out/serve-$model-$type.json" || exit 1
  stop
done
