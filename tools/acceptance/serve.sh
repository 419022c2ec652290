#!/usr/bin/env bash
# `serve` as other programs see it: the openai client beside transformers, calls of tools, 32 clients at once, a thousand requests and clients that misbehave, lm-eval, LangChain4j, curl, a signal. A line a check; ends with 1 when a check is out.
#
# Use: tools/acceptance/serve.sh PEERS_DIR SHARED_DATA [OUT_DIR]
#   PEERS_DIR     v/bin/python with torch and transformers; smollm2-hf, a chat model's folder
#   SHARED_DATA   a folder with stories260k-hf
# Installs openai and lm-eval (0.4.13) into a virtual environment in OUT_DIR, and LangChain4j by Maven: needs a network. RLHF4J names another launcher than ./rlhf4j.
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
export OMP_NUM_THREADS=2 HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_DATASETS_CACHE=$out/cache TOKENIZERS_PARALLELISM=false
. "$here/common.sh"

if ! "$python" -c 'import openai, lm_eval' 2>/dev/null; then
  environment
  quietly "$python" -m pip install -q openai 'lm-eval[api]==0.4.13'
fi

# serving NAME DIR: a server of a model; its address in $url
serving() {
  started 120 "$out/serve.log" 's|^serving .* at \(http://[^/]*\)/v1.*|\1|p' "$rlhf4j" serve --model "$2" --served-model-name "$1" --port 0
}

# line NAME TEXT COMMAND...: whether the command's output has the text
line() {
  local name=$1 text=$2 seen
  shift 2
  seen=$("$@" 2>&1)
  case $seen in *"$text"*) printf 'ok   %s\n' "$name" ;; *) printf 'OUT  %s: %s\n' "$name" "$seen"; failed=1 ;; esac
}

ended() {
  kill -TERM "$server"
  wait "$server"
  local code=$?
  server=
  [ $code = 143 ] && printf 'ok   SIGTERM ends it with 143\n' && return
  printf 'OUT  SIGTERM ends it with %s\n' $code
  failed=1
}

serving stories "$data/stories260k-hf"
check "$python" "$here/serve.py" client "$url" "$data/stories260k-hf"
check "$python" "$here/serve.py" many "$url"
check python3 "$here/serve.py" load "$url" "$(pgrep -P "$server" java || echo "$server")"
"$python" "$here/serve.py" tasks "$out"
evaluate() { quietly "$python" -m lm_eval --include_path "$out" --tasks serve_choice,serve_perplexity,serve_greedy --log_samples "$@"; }
evaluate --output_path "$out/ours" --model local-completions --model_args "model=stories,base_url=$url/v1/completions,tokenizer=$data/stories260k-hf,max_length=512,add_bos_token=True,num_concurrent=4,max_retries=1"
evaluate --output_path "$out/theirs" --model hf --model_args "pretrained=$data/stories260k-hf,dtype=float32,max_length=511" --device cpu
check python3 "$here/serve.py" compare "$out"
line "curl: another host's name is refused" 403 curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$url/v1/models"
line "curl: a page of another origin is refused" 403 curl -s -o /dev/null -w '%{http_code}' -H 'Origin: http://evil.example' -d '{}' "$url/v1/completions"
line "curl: metrics" rlhf4j_generation_tokens_total curl -s "$url/metrics"
line "curl: a stream ends with [DONE]" '[DONE]' curl -sN "$url/v1/completions" -d '{"prompt": "Once", "max_tokens": 4, "stream": true}'
(sleep 1; kill -TERM "$server") &
line "a request that runs at SIGTERM is finished" '"completion_tokens":12000' curl -s "$url/v1/completions" -d '{"prompt": "Once", "max_tokens": 500, "ignore_eos": true, "n": 24}'
wait "$server"
server=

serving smollm2 "$peers/smollm2-hf"
check "$python" "$here/serve.py" client "$url" "$peers/smollm2-hf"
check "$python" "$here/serve.py" tools "$url"
quietly "$home/mvnw" -q -B --no-transfer-progress -f "$here/langchain4j/pom.xml" compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath "-Dmdep.outputFile=$out/class-path.txt"
check java -cp "$here/langchain4j/target/classes:$(cat "$out/class-path.txt")" Ask "$url/v1" smollm2
ended
exit $failed
