"""Golden numbers for core.optim: AdamW from torch, schedules from transformers.

Usage: python tools/golden/optimiser.py > core-model/src/test/resources/io/github/rlhf4j/core/optim/optimiser.tsv
"""
import json
import math
import torch
import transformers
from transformers.optimization import get_scheduler

print(f"# tools/golden/optimiser.py; torch {torch.__version__}, transformers {transformers.__version__}, float64; tolerance 1e-12")

# adamw: beta1, beta2, epsilon, weight_decay, rate, then for each of 4 steps the gradient (3) and the weights after it (3)
for beta1, beta2, eps, decay, rate in ((0.9, 0.999, 1e-8, 0.0, 1e-2), (0.9, 0.95, 1e-6, 0.1, 3e-3)):
    w = torch.nn.Parameter(torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64))
    optimiser = torch.optim.AdamW([w], lr=rate, betas=(beta1, beta2), eps=eps, weight_decay=decay)
    row = ["adamw", beta1, beta2, eps, decay, rate]
    for step in range(4):
        g = [math.sin(1 + step + 2 * i) * 10 ** (i - 2) for i in range(3)]
        w.grad = torch.tensor(g, dtype=torch.float64)
        optimiser.step()
        row += g + w.detach().tolist()
    print("\t".join(repr(x) if isinstance(x, float) else str(x) for x in row))

# schedule: name, warm-up, steps, min_lr_rate, then the factor of steps 0 .. steps - 1
for name, warmup, steps, floor in (("constant", 0, 5, 0.0), ("constant_with_warmup", 3, 8, 0.0), ("linear", 3, 10, 0.0), ("linear", 0, 7, 0.0),
                                   ("cosine", 2, 11, 0.0), ("cosine", 0, 6, 0.0), ("cosine_with_min_lr", 2, 11, 0.1)):
    w = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([w], lr=1.0)
    more = {"scheduler_specific_kwargs": {"min_lr_rate": floor}} if name == "cosine_with_min_lr" else {}
    scheduler = get_scheduler(name, optimiser, num_warmup_steps=warmup, num_training_steps=steps, **more)
    row = ["schedule", name, warmup, steps, floor]
    for _ in range(steps):
        row.append(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
    print("\t".join(repr(x) if isinstance(x, float) else str(x) for x in row))

# scheduled: name, warm-up, steps, learning rate, lr_scheduler_kwargs, then the rates of steps 0 .. steps + 1
for name, warmup, steps, rate, more in (
        ("polynomial", 2, 9, 1e-3, {}), ("polynomial", 0, 8, 2e-5, {"lr_end": 1e-6, "power": 2.0}), ("polynomial", 3, 11, 0.3, {"lr_end": 0.0, "power": 0.5}),
        ("inverse_sqrt", 3, 10, 1e-3, {}), ("inverse_sqrt", 0, 6, 1e-3, {}), ("inverse_sqrt", 2, 9, 1e-3, {"timescale": 7}),
        ("cosine_with_restarts", 2, 14, 1e-3, {}), ("cosine_with_restarts", 2, 14, 1e-3, {"num_cycles": 3}), ("cosine", 2, 11, 1e-3, {"num_cycles": 1.25}),
        ("cosine_with_min_lr", 2, 11, 1e-3, {"num_cycles": 1.5, "min_lr_rate": 0.2}),
        ("warmup_stable_decay", 3, 12, 1e-3, {"num_decay_steps": 4}), ("warmup_stable_decay", 4, 15, 1e-3, {"num_decay_steps": 5, "num_stable_steps": 3, "min_lr_ratio": 0.1}),
        ("warmup_stable_decay", 4, 14, 1e-3, {"num_decay_steps": 5, "warmup_type": "cosine", "decay_type": "linear", "min_lr_ratio": 0.2}),
        ("warmup_stable_decay", 4, 14, 1e-3, {"num_decay_steps": 6, "warmup_type": "1-sqrt", "decay_type": "1-sqrt"}),
        ("warmup_stable_decay", 0, 9, 1e-3, {"num_decay_steps": 6, "num_cycles": 1.5})):
    w = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([w], lr=rate)
    scheduler = get_scheduler(name, optimiser, num_warmup_steps=warmup, num_training_steps=steps, scheduler_specific_kwargs=dict(more))
    row = ["scheduled", name, warmup, steps, rate, json.dumps(more)]
    for _ in range(steps + 2):
        row.append(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
    print("\t".join(repr(x) if isinstance(x, float) else str(x) for x in row))
