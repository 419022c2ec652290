"""Loads models that we exported in transformers and compares per-token log-probs and scores with those of `./rlhf4j score`.

Use: in_transformers.py MODEL SCORED.jsonl NAME      a language model or a reward model, by what was scored
"""
import json
import os
import sys

os.environ['HF_HUB_OFFLINE'] = '1'
import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from checks import Checks

LIMIT = 1e-4

folder, scored, name = sys.argv[1:4]
lines = [json.loads(line) for line in open(scored)]
is_reward = 'score' in lines[0]
kind = AutoModelForSequenceClassification if is_reward else AutoModelForCausalLM
model, loading = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
model.eval()
checks = Checks()
lost = {key: value for key, value in loading.items() if value}
checks.that(f'{name}: every weight is loaded', not lost, str(lost or ''))
worst, count = 0.0, 0
with torch.no_grad():
    for line in lines:
        logits = model(torch.tensor([line['ids']])).logits[0].double()
        if is_reward:
            worst = max(worst, abs(logits.item() - line['score']))
            count += 1
        else:
            log_probs = torch.log_softmax(logits[:-1], -1)
            theirs = log_probs.gather(1, torch.tensor(line['ids'][1:])[:, None])[:, 0]
            worst = max(worst, (theirs - torch.tensor(line['log_probs'], dtype=torch.float64)).abs().max().item())
            count += len(theirs)
checks.at_most(f'{name}: {count} {"scores" if is_reward else "log-probs"}', worst, LIMIT)
text = 'Once upon a time, there was a little dog.'
tokenizer = AutoTokenizer.from_pretrained(folder)
checks.that(f'{name}: the tokenizer is loaded', len(tokenizer(text)['input_ids']) > 5)
checks.end()
