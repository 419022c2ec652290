#!/usr/bin/env python3
"""Predicted memory beside measured: runs each training stage for a few steps, and compares what `run --dry-run` says with the process at its highest.

    benchmarks/memory.py RLHF4J MODEL_DIR OUT [--length 128] [--batch 8] [--only sft,ppo] [--keys micro_batch_tokens=512 ...]
    benchmarks/memory.py RLHF4J MODEL_DIR OUT --growth 10000 --length 8 --batch 1      after a tenth of so many steps and after all: resident memory, what lives in the heap, native blocks; with a heap of 128 MB

MODEL_DIR is a Hugging Face folder. Rows are made up, as long as `--length` allows, so that batches are as large as predicted. A line a stage; exit code 1 where one is more than 15 % off.
"""
import argparse, json, os, re, subprocess, sys, time
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
in_step = max(1, a.length // 10)  # words of a step of reasoning, of which three must fit with their prompt
rows = range(64)
data = {
    "pairs": [{"prompt": text(i, half), "chosen": " " + text(i + 1, a.length), "rejected": " " + text(i + 2, a.length)} for i in rows],
    "texts": [{"text": text(i, 2 * a.length)} for i in rows],
    "prompts": [{"prompt": text(i, half)} for i in rows],
    "steps": [{"prompt": text(i, min(half, 4 * in_step)), "completions": [text(i, in_step), text(i + 1, in_step), text(i + 2, in_step)], "labels": [True, i % 2 == 0, False]} for i in rows],
}
for name, lines in data.items():
    (out / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def looked_at(pid):
    """MB resident, MB that live in the heap, blocks of native memory."""
    found = subprocess.run(["jcmd", str(pid), "GC.class_histogram"], capture_output=True, text=True).stdout
    total = re.search(r"Total +\d+ +(\d+)", found)
    blocks = re.search(r"(\d+) +\d+ +org.bytedeco.javacpp.Pointer\$NativeDeallocator", found)
    rss = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(rss[1]) * 1024 / 1e6, int(total[1]) / 1e6 if total else 0, int(blocks[1]) if blocks else 0


LOOKS = a.growth // 10, a.growth  # steps


def grown(file, timing):
    """A run looked at twice, and ended then."""
    timing.unlink(missing_ok=True)
    with subprocess.Popen([a.rlhf4j, "run", file, "--overwrite"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "RLHF4J_JAVA_OPTS": "-Xms64m -Xmx128m"}) as run:
        seen = []
        for wanted in LOOKS:
            while run.poll() is None and steps_done(timing) < wanted:
                time.sleep(0.1)
            if run.poll() is None:
                seen.append(looked_at(run.pid))
        run.terminate()
        run.wait()
        return seen


def steps_done(timing):
    """The last whole line's; 0 where there is none yet."""
    try:
        return json.loads(timing.read_text().rstrip("\n").splitlines()[-1])["step"]
    except (OSError, IndexError, ValueError):
        return 0


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
    "best_of_n": ("prompts", {"max_prompt_length": half, "max_new_tokens": half, "reward_function": "length", "num_generations": 4}),
    "distill": ("pairs", {**whole, "teacher_model": a.model, "max_new_tokens": half}),
    "process_reward": ("steps", {"max_length": max(a.length, 48)}),
}
chosen = [s for s in a.only.split(",") if s] or list(stages)
worst = 0.0
print(f"| stage | MB after {LOOKS[0]:,} steps | after {LOOKS[1]:,} | late / early | MB that live in the heap, early | late | native blocks, early | late |\n|---|---|---|---|---|---|---|---|" if a.growth else "| stage | predicted MB | measured MB | predicted / measured |\n|---|---|---|---|", flush=True)
for stage in chosen:
    dataset, keys = stages[stage]
    kind = stage.split("_in_")[0]
    file = out / f"{stage}.yaml"
    lines = {"type": kind, "model": a.model, "dataset": out.resolve() / f"{dataset}.jsonl", "batch_size": max(a.batch, 2) if stage == "kto" else a.batch, **keys}
    if stage != "best_of_n":
        lines["max_steps"] = 4 * a.growth or 2  # far enough from the end to be looked at
    if a.growth:
        lines["logging_steps"] = max(1, a.growth // 100)
    for key in a.keys:
        lines.update([key.split("=", 1)])
    file.write_text(f"name: {stage}\noutput_dir: {out.resolve()}\nstages:\n  s:\n" + "".join(f"    {k}: {v}\n" for k, v in lines.items()))
    if a.growth:
        seen = grown(file, out / stage / "s" / "timing.jsonl")
        if len(seen) < 2:
            print(f"| {stage} | {seen} |", flush=True)
            worst = 9
            continue
        early, late = seen
        worst = max(worst, late[0] / early[0] - 1)
        print(f"| {stage} | {early[0]:,.0f} | {late[0]:,.0f} | {late[0] / early[0]:.2f} | {early[1]:,.1f} | {late[1]:,.1f} | {early[2]} | {late[2]} |", flush=True)
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
