"""python bare_loop.py MODEL BATCH LENGTH STEPS [--autocast] [--compile]: transformers' model in a bare PyTorch loop on sequences of one length, so without any padding: tokens/s of the median step. --autocast: products in bfloat16; --compile: the model through torch.compile (it needs g++).
The first two steps, in which torch compiles, are not counted."""
from common import *
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
batch, length, steps = map(int, sys.argv[2:5])
autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled="--autocast" in sys.argv)
if "--compile" in sys.argv:
    model.compile()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.0, fused=True)
ids = torch.randint(3, model.config.vocab_size, (batch, length))
times = []
for _ in range(steps):
    start = time.perf_counter()
    with autocast:
        loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    times.append(time.perf_counter() - start)
times = sorted(times[2:])
report(rate=batch * length / times[len(times) // 2])
