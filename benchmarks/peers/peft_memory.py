"""python peft_memory.py MODEL ROWS.jsonl STEPS float32|bfloat16: the rate (tokens/s) and peak memory of training a LoRA adapter with peft's public API: r 16 on all linear layers, one row a step, gradient checkpointing.

ROWS.jsonl has {"ids"}. The base is held in the type that is named; peft makes the adapter float32 (its default). A plain loop: forward, backward, clip, AdamW.
"""
from common import *
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

folder, rows, steps, kind = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
rows = [json.loads(line)["ids"] for line in open(rows)]
torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, kind), low_cpu_mem_usage=True)
model.config.use_cache = False
model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=dict(use_reentrant=False))
model.enable_input_require_grads()
model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
model.train()
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimiser = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0)
first = max(2, steps // 5)
for step in range(steps):
    if step == first:
        start = time.perf_counter()
    ids = torch.tensor([rows[step]])
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimiser.step()
    optimiser.zero_grad()
seconds = time.perf_counter() - start
report(rate=sum(len(row) for row in rows[first:steps]) / seconds, loss=float(loss), trained=sum(p.numel() for p in trained))
