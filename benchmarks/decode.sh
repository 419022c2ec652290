#!/usr/bin/env bash
# Generation of one model in float32, bfloat16 and int8, alone and 16 texts at once, beside llama.cpp and CTranslate2: in turn, one thread each, prompts of 16 tokens and 48 new. Some minutes on a quiet machine.
#   benchmarks/decode.sh MODEL LLAMA GGUF [CONVERTED PYTHON [ROUNDS]]
#   MODEL      a folder of Hugging Face's form
#   LLAMA      llama-batched-bench (cmake --build BUILD --target llama-batched-bench)
#   GGUF       a folder with f32.gguf, BF16.gguf and Q8_0.gguf of that model (convert_hf_to_gguf.py, llama-quantize)
#   CONVERTED  the same model for CTranslate2, with words.txt, words of its vocabulary (benchmarks/peers/ctranslate.py); - leaves it out
#   PYTHON     that has ctranslate2
# llama.cpp's rate is that of the new tokens alone; ours and CTranslate2's count the time of the prompts too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
model=$1 llama=$2 gguf=$3 converted=${4:--} python=${5:-python3} rounds=${6:-3}
export OMP_NUM_THREADS=1
ours() { "$here/../rlhf4j" bench generate --model "$model" --batch "$2" --prompt 16 --new 48 --weights "$1" --seconds 3 --threads 1 --json 2>/dev/null | tail -1 | sed -E 's/.*"tokens_per_second" *: *([0-9.]+).*/\1/'; }
llama() { "$llama" -m "$gguf/$1.gguf" -c 4096 -npp 16 -ntg 48 -npl "$2" -t 1 -tb 1 2>/dev/null | grep -E '^\| +16 ' | cut -d'|' -f9; }
ct2() { "$python" "$here/peers/ctranslate.py" "$converted" "$2" 48 "$1" 1 2>/dev/null | tail -1 | cut -d' ' -f1; }
for round in $(seq "$rounds"); do
  for batch in 1 16; do
    for kind in float32:f32:float32 bfloat16:BF16:- int8:Q8_0:int8_float32; do
      IFS=: read -r weights file compute <<<"$kind"
      line="round $round, batch $batch, $weights: ours $(ours "$weights" "$batch" | cut -c1-5), llama.cpp $file $(llama "$file" "$batch" | tr -d ' ')"
      [ "$converted" = - ] || [ "$compute" = - ] || line="$line, CTranslate2 $compute $(ct2 "$compute" "$batch")"
      echo "$line tokens/s"
    done
  done
done
