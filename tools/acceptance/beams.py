"""Beam search beside transformers' generate: the same beams and scores, a line a model and setting.

Use: PEERS_DIR/v/bin/python tools/acceptance/beams.py RLHF4J OUT_DIR MODEL_DIR...
"""
import json
import subprocess
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

SETTINGS = [
    {"num_beams": 4},
    {"num_beams": 3, "length_penalty": 2.0, "early_stopping": "never"},
    {"num_beams": 5, "length_penalty": -0.5, "early_stopping": True, "repetition_penalty": 1.3},
]
PROMPTS = ["Once upon a time", "The", "Tom and Lily went to the park. They", "a b c"]
NEW = 24


def ours(rlhf4j, model, setting, out, data):
    command = [rlhf4j, "generate", "--model", model, "--data", data, "--out", out, "--max-new-tokens", str(NEW)]
    for key, value in {**setting, "num_return_sequences": setting["num_beams"]}.items():
        command += ["--" + key.replace("_", "-"), str(value).lower()]
    subprocess.run([str(part) for part in command], check=True, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in open(out)]


def theirs(model, tokenizer, prompt, setting):
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    result = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW, num_return_sequences=setting["num_beams"],
        return_dict_in_generate=True, output_scores=True, pad_token_id=tokenizer.eos_token_id, **setting)
    stops = model.generation_config.eos_token_id
    stops = set(stops if isinstance(stops, list) else [stops])
    texts = []
    for sequence in result.sequences[:, ids.shape[1]:].tolist():
        end = next((i for i, token in enumerate(sequence) if token in stops), len(sequence) - 1)
        texts.append(sequence[:end + 1])
    return texts, result.sequences_scores.tolist()


def main():
    rlhf4j, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    data = out / "prompts.jsonl"
    data.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS))
    failed = False
    for number, folder in enumerate(sys.argv[3:]):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        settings = SETTINGS if number == 0 else SETTINGS[:1]
        for place, setting in enumerate(settings):
            lines = ours(rlhf4j, folder, setting, out / f"beams-{number}-{place}.jsonl", data)
            largest, differing, count = 0.0, 0, 0
            for prompt in PROMPTS:
                texts, scores = theirs(model, tokenizer, prompt, setting)
                mine = [line for line in lines if line["prompt"] == prompt]
                for text, score, line in zip(texts, scores, mine, strict=True):
                    count += 1
                    differing += text != line["ids"]
                    largest = max(largest, abs(score - line["sequence_score"]) / max(1, abs(score)))
            ok = differing == 0 and largest <= 2e-5
            failed |= not ok
            print(f"{'ok' if ok else 'OUT'}  {Path(folder).name} {setting}: {count - differing} of {count} beams are equal, scores within {largest:.1e} (2e-5)")
    sys.exit(failed)


main()
