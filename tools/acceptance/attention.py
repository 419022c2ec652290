"""The weights on the page of `inspect --attention` beside transformers' output_attentions (eager), a line a model.

Use: PEERS_DIR/v/bin/python tools/acceptance/attention.py RLHF4J OUT_DIR [MODEL_DIR...]

Random tiny models of each family are made in OUT_DIR: grouped queries, norms of heads, a sliding window, experts. MODEL_DIR are more, with their own tokenizers.
"""
import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from checks import Checks

LIMIT = 1e-5
LLAMA = dict(vocab_size=64, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
             max_position_embeddings=64, initializer_range=0.3)
TINY = {
    "llama": LLAMA,
    "mistral": {**LLAMA, "sliding_window": 5},
    "qwen2": LLAMA,
    "qwen3": {**LLAMA, "head_dim": 16},
    "mixtral": {**LLAMA, "num_local_experts": 4, "num_experts_per_tok": 2},
    "gpt2": dict(vocab_size=64, n_embd=48, n_layer=3, n_head=6, n_positions=64, initializer_range=0.3),
}
TINY_TEXT = " ".join(f"t{(7 * i * i + 3) % 64}" for i in range(20))
TEXT = "The cat sat on the mat, because the dog <b>had taken</b> its chair & \"slept\"."


def tokenizer(size):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"},
            "post_processor": None, "decoder": None, "model": {"type": "WordLevel", "vocab": {f"t{i}": i for i in range(size)}, "unk_token": "t0"}}


def make(family, folder):
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **TINY[family]))
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(64)))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "t63"}))


def ours(rlhf4j, folder, text, page):
    subprocess.run([rlhf4j, "inspect", str(folder), "--attention", text, "--out", str(page)], check=True, stderr=subprocess.DEVNULL)
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S).group(1))


def floats(text):
    return numpy.frombuffer(base64.b64decode(text), dtype="<f4").astype(numpy.float64)


def shown(layer, tokens):
    """(H, T, T) as it is drawn, and the same from queries and keys alone."""
    heads, shared, dim = layer["heads"], layer["key_value_heads"], layer["head_dim"]
    lower = numpy.tril_indices(tokens)
    drawn = numpy.zeros((heads, tokens, tokens))
    for head, row in enumerate(floats(layer["weights"]).reshape(heads, -1)):
        drawn[head][lower] = row
    rows = floats(layer["query_key_value"]).reshape(tokens, heads + 2 * shared, dim)
    again = numpy.zeros_like(drawn)
    position = numpy.arange(tokens)
    hidden = position[None, :] > position[:, None]
    if layer["window"]:
        hidden |= position[None, :] <= position[:, None] - layer["window"]
    for head in range(heads):
        scores = layer["scale"] * rows[:, head] @ rows[:, heads + head // (heads // shared)].T
        scores[hidden] = -numpy.inf
        scores = numpy.exp(scores - scores.max(1, keepdims=True))
        again[head] = scores / scores.sum(1, keepdims=True)
    return drawn, again


def main():
    rlhf4j, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    folders = []
    for family in TINY:
        make(family, out / family)
        folders.append((out / family, TINY_TEXT))
    folders += [(Path(folder), TEXT) for folder in sys.argv[3:]]
    checks = Checks()
    for number, (folder, text) in enumerate(folders):
        data = ours(rlhf4j, folder, text, out / f"attention-{number}.html")
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        with torch.no_grad():
            attentions = model(torch.tensor([data["ids"]]), output_attentions=True).attentions
        tokens = len(data["ids"])
        worst = again = 0
        for layer, theirs in zip(data["layers"], attentions, strict=True):
            drawn, computed = shown(layer, tokens)
            worst = max(worst, numpy.abs(drawn - theirs[0].double().numpy()).max())
            again = max(again, numpy.abs(drawn - computed).max())
        name = f"attention, {folder.name}: {len(data['layers'])} layers x {data['layers'][0]['heads']} heads x {tokens} tokens"
        checks.at_most(name, worst, LIMIT)
        checks.at_most(f"{name}, from its own queries and keys", again, 1e-6)
    checks.end()


main()
