"""Memory and speed of training adapters, beside peft in one run, and of PPO with adapters beside PPO of whole models.

  PEERS/bin/python benchmarks/adapters.py peft --tokenizer DIR [--names qwen2.5-0.5b,llama-3.2-1b] [--models FOLDER] [--steps 6] [--rounds 1]
  PEERS/bin/python benchmarks/adapters.py ppo --model DIR [--steps 6] [--rounds 2]

PEERS is a virtual environment with torch, transformers and peft (tools/acceptance/adapters.sh says which). peft: random models of those dimensions, LoRA of r 16 on all linear layers, rows of 512 tokens, one a step, gradient
checkpointing; the base in float32, bfloat16 and int8 here, in float32 and bfloat16 there. Models are made in FOLDER (default: a temporary one) where they are not there yet; Llama-3.2-1B takes 2.5 GB of disk and 8 GB of memory.
ppo: configs of one size, 16 prompts of 64 tokens and 48 new ones an iteration, rewarded by a function; reference and value model as the stage makes them. Rates leave out the first fifth of the steps, two at least. The first line of each table is the machine."""
import argparse, json, random, statistics, sys, tempfile
from pathlib import Path
from compare import HOME, PEERS, machine, ours, output, peer, run

LENGTH = 512  # tokens of a row
KINDS = ("float32", "bfloat16", "int8")


def rows(model, steps, scratch):
    """Texts that begin with the same 512 tokens for both sides."""
    source = scratch / "world.jsonl"
    ours("export", "synthetic:pretrain", "--limit", 400 * steps, "--out", source)
    script = f"""
import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained({str(model)!r})
text, texts, ids = "", [], []
for line in open({str(source)!r}):
    text += json.loads(line)["text"] + " "
    now = tokenizer(text)["input_ids"]
    if len(now) > {LENGTH} + 40:
        texts.append(text); ids.append(now[:{LENGTH}]); text = ""
    if len(texts) == {steps}:
        break
assert len(texts) == {steps}, len(texts)
open({str(scratch / "texts.jsonl")!r}, "w").write("".join(json.dumps(dict(text=t)) + "\\n" for t in texts))
open({str(scratch / "ids.jsonl")!r}, "w").write("".join(json.dumps(dict(ids=i)) + "\\n" for i in ids))
"""
    output(sys.executable, "-c", script)


def our_adapter(model, kind, steps, scratch):
    keys = dict(type="sft", model=str(model), adapter=dict(r=16, alpha=32, target_modules="all-linear"), dataset=str(scratch / "texts.jsonl"), max_length=LENGTH, batch_size=1, max_steps=steps,
                learning_rate=1e-4, lr_scheduler_type="constant", logging_steps=1, shuffle=False, gradient_checkpointing=True)
    if kind != "float32":
        keys["base_weights"] = kind
    first, last, rss = run(dict(stage=keys), steps, scratch)
    tokens = last["num_tokens"] - first["num_tokens"]
    if tokens != LENGTH * (steps - first["step"]):
        sys.exit(f"rows should have {LENGTH} tokens, but {steps - first['step']} have {tokens}")
    return dict(rate=tokens / (last["elapsed_s"] - first["elapsed_s"]), rss_mb=rss, loss=last["loss"])


def beside_peft(options, scratch):
    for name in options.names.split(","):
        model = (options.models or scratch) / name
        if not (model / "config.json").exists():
            output(sys.executable, PEERS / "random_model.py", name, options.tokenizer, model)
        rows(model, options.steps, scratch)
        work = {f"ours, {kind}": lambda kind=kind: our_adapter(model, kind, options.steps, scratch) for kind in KINDS}
        work |= {f"peft, {kind}": lambda kind=kind: peer("peft_memory.py", model, scratch / "ids.jsonl", options.steps, kind) for kind in KINDS[:2]}
        table(f"{name}, 1 x {LENGTH} tokens", "tokens/s", measured(work, options.rounds), options.out)


def ppo(model, adapter, steps, scratch):
    keys = dict(type="ppo", model=str(model), reward_function="length", dataset=str(scratch / "prompts.jsonl"), batch_size=16, max_steps=steps, num_ppo_epochs=4, num_mini_batches=1,
                max_prompt_length=64, response_length=48, stop_token="none", learning_rate=1e-5, shuffle=False, logging_steps=1)
    if adapter:
        keys["adapter"] = dict(r=16, alpha=32, target_modules="all-linear")
    first, last, rss = run(dict(ppo=keys), steps, scratch)
    return dict(rate=16 * (last["step"] - first["step"]) / (last["elapsed_s"] - first["elapsed_s"]), rss_mb=rss)


def ppo_with_adapters(options, scratch):
    source = scratch / "world.jsonl"
    ours("export", "synthetic:preferences", "--limit", 4000, "--out", source)
    prompts = [json.loads(line)["prompt"] for line in open(source)]
    joined = [" ".join(prompts[i:i + 4]) for i in range(0, len(prompts) - 3, 4)][:16 * options.steps]
    (scratch / "prompts.jsonl").write_text("".join(json.dumps(dict(prompt=prompt)) + "\n" for prompt in joined))
    work = {"whole models": lambda: ppo(options.model, False, options.steps, scratch), "adapters": lambda: ppo(options.model, True, options.steps, scratch)}
    results = measured(work, options.rounds)
    table(f"PPO of {options.model.name}, 16 x (64 + 48) tokens", "prompts/s", results, options.out)
    whole, adapters = results["whole models"], results["adapters"]
    print(f"adapters: {adapters['rss_mb'] / whole['rss_mb']:.2f} of the memory, {adapters['rate'] / whole['rate']:.2f} of the speed")


def measured(work, rounds):
    """Medians; in each round in a random order."""
    got = {name: [] for name in work}
    for number in range(rounds):
        for name in random.sample(list(work), len(work)):
            got[name].append(work[name]())
            print(f"round {number + 1}/{rounds}, {name}: {got[name][-1]}", file=sys.stderr)
    return {name: {key: statistics.median(result[key] for result in results) for key in results[0]} for name, results in got.items()}


def table(title, unit, results, out):
    lines = [f"{title}; {json.dumps(machine())}", "", f"| | peak memory, MB | {unit} | last loss |", "|---|---|---|---|"]
    lines += [f"| {name} | {r['rss_mb']:,.0f} | {r['rate']:.4g} | {format(r['loss'], '.4f') if 'loss' in r else ''} |" for name, r in results.items()]
    print("\n".join(lines) + "\n", flush=True)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"adapters-{title.split(',')[0].replace(' ', '-')}.json").write_text(json.dumps(dict(title=title, machine=machine(), results=results), indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("peft", "ppo"))
    parser.add_argument("--names", default="qwen2.5-0.5b,llama-3.2-1b")
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.steps < 4 or (options.what == "ppo") != (options.model is not None) or (options.what == "peft") != (options.tokenizer is not None):
        parser.error("peft needs --tokenizer, ppo --model, and no more of the two; --steps must be at least 4")
    for key in ("tokenizer", "models", "model", "out"):
        if getattr(options, key):
            setattr(options, key, getattr(options, key).resolve())
    with tempfile.TemporaryDirectory() as folder:
        (beside_peft if options.what == "peft" else ppo_with_adapters)(options, Path(folder))


if __name__ == "__main__":
    main()
