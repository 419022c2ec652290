#!/usr/bin/env bash
# One run on every kind of cluster and through every fault: the same weights, metrics and samples, byte for byte. A line a check; ends with 1 when a check is out.
#
# Use: tools/acceptance/cluster.sh [OUT_DIR] [CELL ...]
#   OUT_DIR   a run without a cluster that is there already is taken
#   CELL   names of cells below, such as "processes" or "standalone-executor"; all by default
# RLHF4J names another launcher than ./rlhf4j. The first cell of Spark's builds the module spark. Some ten minutes on two cores; Linux (kill -STOP, /proc).
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
rlhf4j=${RLHF4J:-$home/rlhf4j}
out=${1:-$(mktemp -d)}
[ $# -eq 0 ] || shift
wanted=" $* "
mkdir -p "$out"
failed=0
port=${PORT:-17077}
spark_conf='spark.ui.enabled: false, spark.executor.memory: 1g'

cat >"$out/toy.yaml" <<EOF
seed: 7
output_dir: $out/runs
stages:
  pretrain: {type: pretrain, dataset: {path: synthetic:pretrain, limit: 300}, tokenizer: {vocab_size: 400}, architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}, max_steps: 4}
  reward: {type: reward, model: pretrain, dataset: {path: synthetic:rankings, limit: 50}, learning_rate: 1e-3, batch_size: 4, max_steps: 2}
  replicas: {type: sft, model: pretrain, dataset: {path: synthetic:demonstrations, limit: 200}, replicas: 2, local_steps: 2, batch_size: 4, max_steps: 4}
  shards: {type: sft, model: pretrain, dataset: {path: synthetic:demonstrations, limit: 200}, shards: 4, batch_size: 4, max_steps: 3}
  scores: {type: reward, model: pretrain, dataset: {path: synthetic:rankings, limit: 50}, batch_size: 4, replicas: 2, local_steps: 1, difference_dtype: int8, max_steps: 2}
  dpo: {type: dpo, model: pretrain, dataset: {path: synthetic:preferences, limit: 50}, shards: 3, batch_size: 4, max_steps: 2}
  kto: {type: kto, model: pretrain, dataset: {path: synthetic:preferences, limit: 50}, replicas: 2, local_steps: 2, batch_size: 4, max_steps: 2}
  clean: {type: filter, dataset: "synthetic:crawl/rows=5000", preset: [gopher], languages: [en], quality: {good: "synthetic:crawl_good", bad: "synthetic:crawl_bad"}, exact_dedup: true, minhash: {}}
  ppo: {type: ppo, model: pretrain, reward_model: reward, dataset: {path: synthetic:prompts, limit: 100}, response_length: 16, learning_rate: 1e-4, batch_size: 16, max_steps: 4, save_steps: 1}
  grpo: {type: grpo, model: pretrain, reward_model: reward, dataset: {path: synthetic:prompts, limit: 100}, max_completion_length: 16, num_generations: 4, batch_size: 4, beta: 0.04, max_steps: 3}
  stale: {type: grpo, model: pretrain, reward_model: reward, dataset: {path: synthetic:prompts, limit: 100}, max_completion_length: 16, num_generations: 4, batch_size: 4, learning_rate: 1e-3, max_steps: 3, staleness: 1}
EOF

# Data: texts of HTML, duplicates and token caches; 10,000 pages, of which some are copies and some nearly so
cat >"$out/data.yaml" <<EOF
seed: 7
output_dir: $out/runs
stages:
  clean: {type: filter, dataset: "$out/pages.warc", exact_dedup: true, minhash: {}}
  base: {type: pretrain, dataset: clean, tokenizer: {vocab_size: 400}, architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}, max_steps: 2}
  tuned: {type: sft, model: base, dataset: {path: synthetic:demonstrations, limit: 3000}, batch_size: 4, max_steps: 2}
  look: {type: evaluate, models: [base, tuned], dataset: {path: synthetic:prompts, limit: 1500, split: train}, max_new_tokens: 8, limit: 4}
EOF
[ -f "$out/pages.warc" ] || awk 'BEGIN {
  srand(7)
  for (i = 0; i < 10000; i++) {
    if (i % 20 == 19) text = text " again"
    else if (i % 20 != 9) { text = "Words"; for (w = 0; w < 40; w++) text = text " word" int(5000 * rand()) }
    page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><head><title>A page</title><script>run()</script></head><body><h1>It says</h1><p>" text "</p></body></html>"
    printf "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/%d\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", i, i, length(page), page
  }
}' >"$out/pages.warc"
file=$out/toy.yaml

# digest NAME: of weights, metrics, samples, rows and token caches of a run
digest() {
  (cd "$out/runs/$1" 2>/dev/null && find . \( -name metrics.jsonl -o -name samples.jsonl -o -name removed.jsonl -o -path '*/data/rows.jsonl' -o -path './cache/tokens/*' -type f -o -path '*/model/*.safetensors' \) -not -path '*/checkpoints/*' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-16)
}

is_wanted() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }

# run_cell NAME ARGUMENTS: a run whose digest must be that of the run without a cluster
run_cell() {
  local name=$1 begin=$SECONDS
  shift
  "$rlhf4j" run "$file" "name=$name" --overwrite "$@" >"$out/$name.log" 2>&1
  check_cell "$name" $? $((SECONDS - begin))
}

# data_cell NAME ARGUMENTS: the same of data.yaml, whose every stage must have given work away
data_cell() {
  local file=$out/data.yaml expected stages
  [ -f "$out/runs/data/summary.json" ] || "$rlhf4j" run "$file" name=data --overwrite >"$out/data.log" 2>&1 || { tail -n 5 "$out/data.log"; exit 1; }
  expected=$(digest data)
  run_cell "$@"
  stages=$(grep -c 'cluster: .* jobs of ' "$out/$1.log")
  [ "$stages" -eq 4 ] || { printf 'OUT  %-24s %s of 4 stages had work done elsewhere\n' "$1" "$stages"; failed=1; }
}

check_cell() {
  local now
  now=$(digest "$1")
  if [ "$2" -eq 0 ] && [ "$now" = "$expected" ]; then
    printf 'ok   %-24s %s  %s s\n' "$1" "$now" "$3"
  else
    printf 'OUT  %-24s %s (must be %s), exit %s: %s\n' "$1" "$now" "$expected" "$2" "$(tail -n 1 "$out/$1.log")"
    failed=1
  fi
}

# until_stage STAGE NAME ARGUMENTS: begins a run, whose process is $run, and waits until its stage computes (ppo: until it has logged two steps)
until_stage() {
  local stage=$1 name=$2 i
  shift 2
  rm -rf "$out/runs/$name"
  "$rlhf4j" run "$out/toy.yaml" "name=$name" "$@" >"$out/$name.log" 2>&1 &
  run=$!
  for ((i = 0; i < 6000; i++)); do
    case $stage in
      ppo) [ "$(cat "$out/runs/$name/ppo/metrics.jsonl" 2>/dev/null | wc -l)" -lt 2 ] || break ;; # its first checkpoint is there
      replicas) [ ! -d "$out/runs/$name/replicas/checkpoints/replicas" ] || break ;;
      shards) [ ! -d "$out/runs/$name/shards/checkpoints/replicas" ] || break ;;
      *) [ ! -d "$out/runs/$name/$stage" ] || break ;;
    esac
    kill -0 "$run" 2>/dev/null || break
    sleep 0.05
  done
}

# signal NAME SIGNAL PROCESS: a cell whose fault meets nobody is out
signal() {
  [ -n "$3" ] && kill "-$2" "$3" 2>/dev/null && return
  printf 'OUT  %-24s no process to send %s to\n' "$1" "$2"
  failed=1
}

# with_fault NAME SIGNAL PARENTS ARGUMENTS: in the middle of the stage that NAME ends with, -in-STAGE (else ppo), sends a signal to the newest child of PARENTS (process numbers; "run": the run itself; "worker": a worker of the standalone cluster, not a child of it)
with_fault() {
  local name=$1 signal=$2 parents=$3 begin=$SECONDS hit stage=ppo
  shift 3
  [[ $name != *-in-* ]] || stage=${name##*-in-}
  until_stage "$stage" "$name" "$@"
  [ "$parents" != run ] || parents=$run
  if [ "$parents" = worker ]; then hit=${started[2]}; else hit=$(pgrep -n -P "$parents" -x java); fi
  signal "$name" "$signal" "$hit"
  if [ "$signal" = STOP ]; then
    sleep 10 # a task that takes ten times as long
    kill -CONT "$hit" 2>/dev/null
  fi
  wait "$run"
  check_cell "$name" $? $((SECONDS - begin))
}

[ -f "$out/runs/plain/summary.json" ] || "$rlhf4j" run "$out/toy.yaml" name=plain --overwrite >"$out/plain.log" 2>&1 || { tail -n 5 "$out/plain.log"; exit 1; }
expected=$(digest plain)
printf 'plain, without a cluster: %s\n' "$expected"

! is_wanted threads-1 || run_cell threads-1 --cluster threads:1
! is_wanted threads-2 || run_cell threads-2 --cluster threads:2
! is_wanted processes || run_cell processes --cluster processes:2
! is_wanted processes-pieces || run_cell processes-pieces --cluster processes:3 cluster.pieces=7 cluster.threads=2
! is_wanted processes-killed || with_fault processes-killed KILL run --cluster processes:2
! is_wanted processes-stopped || with_fault processes-stopped STOP run --cluster processes:2 cluster.worker_timeout=5
for stage in reward replicas shards dpo grpo; do
  ! is_wanted "processes-killed-in-$stage" || with_fault "processes-killed-in-$stage" KILL run --cluster processes:2
done
! is_wanted local || run_cell local --cluster 'local[2]' "cluster.conf={$spark_conf}"
! is_wanted local-cluster || run_cell local-cluster --cluster 'local-cluster[2,1,1024]' "cluster.conf={$spark_conf}"
! is_wanted data-processes || data_cell data-processes --cluster processes:2
! is_wanted data-local || data_cell data-local --cluster 'local[2]' "cluster.conf={$spark_conf}"
! is_wanted data-local-cluster || data_cell data-local-cluster --cluster 'local-cluster[2,1,1024]' "cluster.conf={$spark_conf}"
! is_wanted local-cluster-executor || with_fault local-cluster-executor KILL run --cluster 'local-cluster[2,1,1024]' "cluster.conf={$spark_conf}"

for stage in reward replicas shards dpo grpo; do
  ! is_wanted "local-cluster-executor-in-$stage" || with_fault "local-cluster-executor-in-$stage" KILL run --cluster 'local-cluster[2,1,1024]' "cluster.conf={$spark_conf}"
done

# a driver, and workers, of little memory
if is_wanted small-heap; then
  RLHF4J_JAVA_OPTS="${RLHF4J_JAVA_OPTS:-} -Xmx96m" run_cell small-heap --cluster processes:2
fi

# a disk without room for a replica's optimiser, which is larger than a model; then with
if is_wanted storage-full; then
  begin=$SECONDS
  rm -rf "$out/runs/storage-full"
  if (ulimit -f 200 && "$rlhf4j" run "$out/toy.yaml" name=storage-full --cluster processes:2) >"$out/storage-full.log" 2>&1; then
    printf 'OUT  %-24s a run without room ended well\n' storage-full
    failed=1
  fi
  said=$(tail -n 1 "$out/storage-full.log")
  if [[ $said == *'cannot write '*.safetensors* && $said != *Exception* ]]; then
    printf 'ok   %-24s %s\n' storage-full "$said"
  else
    printf 'OUT  %-24s it said: %s\n' storage-full "$said"
    failed=1
  fi
  "$rlhf4j" run "$out/toy.yaml" name=storage-full --resume --cluster processes:2 >"$out/storage-full.log" 2>&1
  check_cell storage-full $? $((SECONDS - begin))
fi

# Spark's own page shows what is computed, by its REST interface
if is_wanted page; then
  begin=$SECONDS
  page=$((port + 1))
  until_stage replicas page --cluster 'local[2]' "cluster.conf={spark.ui.enabled: true, spark.ui.port: $page}"
  api=http://127.0.0.1:$page/api/v1/applications
  : >"$out/page.txt"
  while kill -0 "$run" 2>/dev/null; do
    application=$(curl -sf "$api" | sed -n 's/.*"id" : "\([^"]*\)".*/\1/p' | head -n 1)
    curl -sf "$api/$application/jobs" | sed -n 's/.*"description" : "\([^"]*\)".*/\1/p' | sort -u >>"$out/page.txt"
    sleep 0.5
  done
  wait "$run"
  check_cell page $? $((SECONDS - begin))
  for job in 'round 1 (2 pieces)' 'step 1 (2 pieces)' 'roll-outs (4 pieces)'; do
    if grep -qxF "$job" "$out/page.txt"; then
      printf 'ok   %-24s %s\n' page "$job"
    else
      printf 'OUT  %-24s no job "%s" among: %s\n' page "$job" "$(sort -u "$out/page.txt" | paste -sd,)"
      failed=1
    fi
  done
fi

# the driver dies and goes on elsewhere
if is_wanted driver; then
  begin=$SECONDS
  until_stage ppo driver --cluster processes:2
  signal driver KILL "$run"
  wait "$run" 2>/dev/null
  "$rlhf4j" run "$out/toy.yaml" name=driver --resume --cluster 'local[2]' "cluster.conf={$spark_conf}" >"$out/driver.log" 2>&1
  check_cell driver $? $((SECONDS - begin))
fi

# a standalone master with two workers on loopback
if is_wanted standalone || is_wanted standalone-executor || is_wanted standalone-worker || is_wanted standalone-slow || is_wanted data-standalone; then
  classes=$home/spark/target/rlhf4j-spark.jar:$(cat "$home/spark/target/class-path.txt")
  export SPARK_HOME=$home/spark/target/spark-home SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=127.0.0.1
  mkdir -p "$SPARK_HOME/jars" "$out/work"
  java=(java -Xmx256m "@$home/spark/src/main/resources/io/github/rlhf4j/spark/spark.options" -Dspark.worker.ui.enabled=false -cp "$classes")
  started=()
  trap 'kill "${started[@]}" 2>/dev/null' EXIT
  "${java[@]}" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0 >"$out/master.log" 2>&1 &
  started+=($!)
  for n in 1 2; do
    "${java[@]}" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores 1 --memory 2g --work-dir "$out/work" "spark://127.0.0.1:$port" >"$out/worker-$n.log" 2>&1 &
    started+=($!)
  done
  master=spark://127.0.0.1:$port
  ! is_wanted standalone || run_cell standalone --cluster "$master" "cluster.conf={$spark_conf}"
  ! is_wanted data-standalone || data_cell data-standalone --cluster "$master" "cluster.conf={$spark_conf}"
  ! is_wanted standalone-executor || with_fault standalone-executor KILL "${started[1]},${started[2]}" --cluster "$master" "cluster.conf={$spark_conf}"
  ! is_wanted standalone-slow || with_fault standalone-slow STOP "${started[1]},${started[2]}" --cluster "$master" "cluster.conf={$spark_conf, spark.speculation: true, spark.speculation.minTaskRuntime: 100ms, spark.speculation.interval: 100ms}"
  ! is_wanted standalone-worker || with_fault standalone-worker KILL worker --cluster "$master" "cluster.conf={$spark_conf}"
fi
exit $failed
