"""python ctranslate.py CONVERTED BATCH NEW COMPUTE [THREADS]: CTranslate2's sampling at temperature 1, prompts of 16 tokens, no stop: tokens/s of the best of 3. COMPUTE is float32, bfloat16 or int8_float32.

CONVERTED is what `ct2-transformers-converter --model MODEL --output_dir CONVERTED` wrote (ctranslate2 4.8, beside transformers).
"""
import random
import sys
import time

import ctranslate2

folder, batch, new, compute = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
threads = int(sys.argv[5]) if len(sys.argv) > 5 else 1
generator = ctranslate2.Generator(folder, device="cpu", compute_type=compute, inter_threads=1, intra_threads=threads)
vocabulary = [line.strip() for line in open(folder + "/words.txt", encoding="utf-8")]
prompts = [[random.choice(vocabulary) for _ in range(16)] for _ in range(batch)]
best = float("inf")
for _ in range(3):
    start = time.perf_counter()
    answers = generator.generate_batch(prompts, max_length=new, min_length=new, sampling_topk=0, sampling_temperature=1, include_prompt_in_result=False, end_token=[])
    best = min(best, time.perf_counter() - start)
    tokens = sum(len(answer.sequences_ids[0]) for answer in answers)
    if tokens != batch * new:
        sys.exit(f"{batch * new} new tokens were wanted, {tokens} came")
print(f"{batch * new / best:.1f} tokens/s, {generator.compute_type}")
