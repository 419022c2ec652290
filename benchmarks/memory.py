#!/usr/bin/env python3
"""Predicted memory beside measured: runs each training stage for a few steps, and compares what `run --dry-run` says with the process at its highest.

    benchmarks/memory.py RLHF4J MODEL_DIR OUT [--length 128] [--batch 8] [--only sft,ppo] [--keys micro_batch_tokens=512 ...]
    benchmarks/memory.py RLHF4J MODEL_DIR OUT --growth 10000 --length 32 --batch 2      resident memory after a tenth of so many steps and after all, with a heap of 128 MB

MODEL_DIR is a Hugging Face folder. Rows are made up, as long as `--length` allows, so that batches are as large as predicted. A line a stage; exit code 1 where one is more than 15 % off.
"""
import argparse, json, os, re, subprocess, sys
from pathlib import Path

a = argparse.ArgumentParser()
a.add_argument("rlhf4j"), a.add_argument("model"), a.add_argument("out")
a.add_argument("--length", type=int, default=128), a.add_argument("--batch", type=int, default=8)
a.add_argument("--growth", type=int, default=0), a.add_argument("--only", default=""), a.add_argument("--keys", nargs="*", default=[])
a = a.parse_args()
out = Path(a.out)
out.mkdir(parents=True, exist_ok=True)
words = "the red house stands near a river and old trees grow on both of its sides while boats pass by in summer".split()


def text(seed, n):
    return " ".join(words[(seed * 7 + i * (1 + seed % 5)) % len(words)] for i in range(n))


half = a.length // 2
rows = range(64)
data = {
    "pairs": [{"prompt": text(i, half), "chosen": " " + text(i + 1, a.length), "rejected": " " + text(i + 2, a.length)} for i in rows],
    "texts": [{"text": text(i, 2 * a.length)} for i in rows],
    "prompts": [{"prompt": text(i, half)} for i in rows],
    "steps": [{"prompt": text(i, half), "completions": [text(i, 12), text(i + 1, 12), text(i + 2, 12)], "labels": [True, i % 2 == 0, False]} for i in rows],
}
for name, lines in data.items():
    (out / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

sampled = {"max_prompt_length": half, "max_completion_length": half}
whole = {"max_length": a.length}
stages = {
    "sft": ("pairs", whole),
    "reward": ("pairs", whole),
    "dpo": ("pairs", whole),
    "dpo_in_step": ("pairs", {**whole, "precompute_ref_log_probs": "false"}),
    "kto": ("pairs", whole),
    "ppo": ("prompts", {"max_prompt_length": half, "response_length": half, "reward_function": "length"}),
    "grpo": ("prompts", {**sampled, "reward_function": "length", "num_generations": 4}),
    "rloo": ("prompts", {**sampled, "reward_function": "length", "num_generations": 4}),
    "online_dpo": ("prompts", {"max_prompt_length": half, "max_new_tokens": half, "reward_function": "length"}),
    "best_of_n": ("prompts", {**sampled, "reward_function": "length", "num_generations": 4}),
    "distill": ("pairs", {**whole, "teacher_model": a.model}),
    "process_reward": ("steps", whole),
}
chosen = [s for s in a.only.split(",") if s] or list(stages)
worst = 0.0
print(f"| stage | MB after {a.growth // 10:,} steps | after {a.growth:,} | late / early |\n|---|---|---|---|" if a.growth else "| stage | predicted MB | measured MB | predicted / measured |\n|---|---|---|---|", flush=True)
for stage in chosen:
    dataset, keys = stages[stage]
    kind = stage.split("_in_")[0]
    file = out / f"{stage}.yaml"
    lines = {"type": kind, "model": a.model, "dataset": out.resolve() / f"{dataset}.jsonl", "batch_size": a.batch, **keys}
    if stage != "best_of_n":
        lines["max_steps"] = a.growth or 2
    if a.growth:
        lines["logging_steps"] = max(1, a.growth // 100)
    for key in a.keys:
        lines.update([key.split("=", 1)])
    file.write_text(f"name: {stage}\noutput_dir: {out.resolve()}\nstages:\n  s:\n" + "".join(f"    {k}: {v}\n" for k, v in lines.items()))
    if a.growth:
        done = subprocess.run([a.rlhf4j, "run", file, "--overwrite"], capture_output=True, text=True, env={**os.environ, "RLHF4J_JAVA_OPTS": "-Xms64m -Xmx128m"})
        if done.returncode:
            print(f"| {stage} | rc {done.returncode}: {done.stderr.strip()[-200:]} |", flush=True)
            worst = 9
            continue
        rss = {line["step"]: line["rss_mb"] for line in map(json.loads, (out / stage / "s" / "timing.jsonl").open())}
        early, late = rss[min(rss, key=lambda step: abs(step - a.growth // 10))], rss[max(rss)]
        worst = max(worst, late / early - 1)
        print(f"| {stage} | {early:,.0f} | {late:,.0f} | {late / early:.2f} |", flush=True)
        continue
    dry = subprocess.run([a.rlhf4j, "run", file, "--dry-run"], capture_output=True, text=True)
    said = re.search(r"takes about ([\d,]+) MB", dry.stdout + dry.stderr)
    if dry.returncode or not said:
        print(f"| {stage} | rc {dry.returncode}: {(dry.stdout + dry.stderr).strip()[-200:]} |", flush=True)
        worst = 9
        continue
    done = subprocess.run([a.rlhf4j, "run", file, "--overwrite"], capture_output=True, text=True)
    if done.returncode:
        print(f"| {stage} | rc {done.returncode}: {done.stderr.strip()[-200:]} |", flush=True)
        worst = 9
        continue
    summary = json.loads((out / stage / "summary.json").read_text())
    measured = summary["stages"]["s"]["peak_rss_mb"] * 1024 * 1024 / 1e6
    predicted = float(said[1].replace(",", ""))
    ratio = predicted / measured
    worst = max(worst, abs(ratio - 1))
    print(f"| {stage} | {predicted:,.0f} | {measured:,.0f} | {ratio:.2f} |", flush=True)
sys.exit(worst > 0.15)
