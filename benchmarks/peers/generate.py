"""python generate.py MODEL BATCH NEW: transformers' generate, sampling at temperature 1, prompts of 64 tokens, no stop: tokens/s of the best of 3."""
from common import *
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
model.generation_config.eos_token_id = None
batch, new = map(int, sys.argv[2:])
ids = torch.randint(3, model.config.vocab_size, (batch, 64))
best = float("inf")
for _ in range(3):
    start = time.perf_counter()
    output = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, do_sample=True, top_k=0, pad_token_id=0)
    best = min(best, time.perf_counter() - start)
    if output.shape[1] != 64 + new:
        sys.exit(f"{new} new tokens were wanted, {output.shape[1] - 64} came")
report(rate=batch * new / best)
