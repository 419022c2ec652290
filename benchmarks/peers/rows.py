"""python rows.py MODEL PAIRS.jsonl FOLDER ROWS PROMPTS: what both sides train on.

pairs.jsonl, sft.jsonl: ROWS rows with a token budget of 128 for prompts (their end) and 127 for responses (their beginning).
ppo.jsonl, ppo_real.jsonl: PROMPTS prompts, of which both sides take the last 64 tokens; the first joins short ones, so that all have as many.
endless: the model with another end token, the least likely one, for a program that stops at the end token: responses then reach their full length.
"""
from common import *
from pathlib import Path
from transformers import AutoModelForCausalLM, AutoTokenizer

model, source = Path(sys.argv[1]), sys.argv[2]
folder, rows, prompts = Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
tokenizer = AutoTokenizer.from_pretrained(model)
ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]


def text(row, key):
    value = row[key]
    return value if isinstance(value, str) else "".join(message["content"] for message in value)


def write(name, lines, count):
    if len(lines) < count:
        sys.exit(f"{source} has {len(lines)} usable rows for {name}, {count} are needed: give more rows, or fewer --steps")
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines[:count]))


pairs, long, all_prompts, joined = [], [], [], ""
for line in open(source):
    row = json.loads(line)
    whole = text(row, "prompt")
    prompt = tokenizer.decode(ids(whole)[-128:])
    chosen, rejected = (tokenizer.decode(ids(text(row, key))[:127]) for key in ("chosen", "rejected"))
    if prompt.strip() and chosen.strip() and rejected.strip() and chosen != rejected:
        pairs.append(dict(prompt=prompt, chosen=chosen, rejected=rejected))
        all_prompts.append(dict(prompt=whole))
        joined += whole
        if len(ids(joined)) >= 64:
            long.append(dict(prompt=joined))
            joined = ""
    if len(pairs) >= max(rows, prompts) and len(long) >= prompts:
        break
write("pairs.jsonl", pairs, rows)
write("sft.jsonl", [dict(prompt=row["prompt"], completion=row["chosen"]) for row in pairs], rows)
write("ppo_real.jsonl", all_prompts, prompts)
if prompts > 0:
    write("ppo.jsonl", long, prompts)
    scorer = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    with torch.no_grad():
        likely = sum(scorer(torch.tensor([ids(row["prompt"])[-64:]])).logits.softmax(-1).mean((0, 1)) for row in long[:16])
    end = int(likely[:len(tokenizer)].argmin())
    endless = folder / "endless"
    endless.mkdir()
    for file in model.iterdir():
        if file.suffix == ".json" and not file.name.startswith("tokenizer.") and isinstance(content := json.loads(file.read_text()), dict):
            changed = dict(eos_token_id=end, eos_token=tokenizer.convert_ids_to_tokens(end))
            (endless / file.name).write_text(json.dumps({key: changed.get(key, value) for key, value in content.items()}))
        elif file.is_file():
            (endless / file.name).symlink_to(file)
