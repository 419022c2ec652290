"""python rows.py MODEL PAIRS.jsonl FOLDER: the rows that both sides train on: a token budget of 128 for prompts (their end) and 127 for responses (their beginning)."""
from common import *
from transformers import AutoTokenizer

model, source, folder = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(model)
ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]


def text(row, key):
    value = row[key]
    return value if isinstance(value, str) else "".join(message["content"] for message in value)


with open(source) as rows, open(f"{folder}/pairs.jsonl", "w") as pairs, open(f"{folder}/sft.jsonl", "w") as sft:
    kept = 0
    for line in rows:
        row = json.loads(line)
        prompt = tokenizer.decode(ids(text(row, "prompt"))[-128:])
        chosen, rejected = (tokenizer.decode(ids(text(row, key))[:127]) for key in ("chosen", "rejected"))
        if not prompt.strip() or not chosen.strip() or not rejected.strip() or chosen == rejected:
            continue
        pairs.write(json.dumps(dict(prompt=prompt, chosen=chosen, rejected=rejected)) + "\n")
        sft.write(json.dumps(dict(prompt=prompt, completion=chosen)) + "\n")
        kept += 1
        if kept == 400:
            break
