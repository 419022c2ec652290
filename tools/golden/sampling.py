"""python sampling.py > core-model/src/test/resources/io/github/rlhf4j/core/generation/sampling.json

Distributions after Hugging Face's logits processors and warpers, in generate's order, for random logits.
"""
import json
import torch, transformers
from transformers.generation.logits_process import (
    LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)

generator = torch.Generator().manual_seed(7)
cases = []
for temperature, top_k, top_p, min_p, penalty in [
        (1, 0, 1, 0, 1), (0.5, 0, 1, 0, 1), (2, 0, 1, 0, 1), (1, 5, 1, 0, 1), (1, 0, 0.7, 0, 1), (1, 0, 0.05, 0, 1), (1, 0, 1, 0.1, 1),
        (1, 0, 1, 0, 1.7), (1, 0, 1, 0, 0.6), (0.8, 10, 0.9, 0.05, 1.3), (1.5, 3, 0.5, 0.3, 1), (0.7, 100, 0.95, 0, 2),
        # a penalty at low temperatures: the likeliest token has been seen
        (0.01, 0, 1, 0, 1.1), (0.01, 0, 1, 0, 0.8), (0.02, 5, 1, 0, 1.2), (0.05, 0, 0.9, 0, 1.2), (0.05, 0, 1, 0.1, 1.3), (0.1, 4, 0.95, 0.01, 1.15),
        (0.1, 0, 1, 0, 0.5), (0.3, 0, 0.9, 0, 0.9)]:
    logits = torch.randn(1, 20, generator=generator) * 3
    seen = torch.randint(0, 20, (1, 6), generator=generator)
    if temperature <= 0.1: seen[0, 0] = logits[0].argmax()
    processors = LogitsProcessorList()
    if penalty != 1: processors.append(RepetitionPenaltyLogitsProcessor(float(penalty)))
    processors.append(TemperatureLogitsWarper(float(temperature)))
    if top_k: processors.append(TopKLogitsWarper(top_k))
    if top_p < 1: processors.append(TopPLogitsWarper(float(top_p)))
    if min_p: processors.append(MinPLogitsWarper(float(min_p)))
    probabilities = processors(seen, logits.clone()).softmax(-1)
    cases.append(dict(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, repetition_penalty=penalty, seen=seen[0].tolist(),
                      logits=logits[0].tolist(), probabilities=probabilities[0].tolist()))
print(json.dumps(dict(generator=f"tools/golden/sampling.py, transformers {transformers.__version__}, torch {torch.__version__}, seed 7", cases=cases), indent=1))
