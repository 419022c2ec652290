"""Runs both sides of each piece of work in turn, `--rounds` times, and reports the ratio of their rates; see compare.sh."""
import argparse, json, os, platform, random, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PEERS = HOME / "benchmarks" / "peers"
ALL = ["sft", "lean", "reward", "dpo", "dpo_cached", "generate_16", "generate_1"]
NAMES = {"sft": "SFT, tokens/s", "lean": "training step without padding, tokens/s", "reward": "reward model, pairs/s", "dpo": "DPO, pairs/s",
         "dpo_cached": "DPO, reference cached, pairs/s", "generate_16": "generation, batch 16, tokens/s", "generate_1": "generation, batch 1, tokens/s"}


def peer(script, *arguments):
    """The JSON line that a peer's script ends with: rate, rss_mb."""
    done = subprocess.run([sys.executable, PEERS / script, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{script}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def ours(*arguments):
    done = subprocess.run([HOME / "rlhf4j", *map(str, arguments)], capture_output=True, text=True, cwd=HOME)
    if done.returncode != 0:
        sys.exit(f"rlhf4j {arguments}: {done.stderr[-2000:]}")
    return done.stdout


def bench(*arguments):
    result = json.loads(ours("bench", *arguments, "--json"))
    return dict(rate=result["tokens_per_second"], rss_mb=result["peak_rss_bytes"] / 2**20, share_of_sgemm=result["share_of_sgemm"])


def stage(kind, model, data, options, scratch, **keys):
    """Trains as users do; the first fifth of the steps, at least two, warms up, as on the peers' side."""
    keys = dict(type=kind, model=str(model), dataset=str(data), batch_size=options.batch, max_steps=options.steps, learning_rate=1e-5,
                lr_scheduler_type="constant", logging_steps=1, shuffle=False, max_length=256, **keys)
    run = scratch / "run"
    shutil.rmtree(run, ignore_errors=True)
    (scratch / "run.yaml").write_text(json.dumps(dict(name="run", output_dir=str(scratch), stages={"stage": keys})))
    ours("run", scratch / "run.yaml")
    timing = [json.loads(line) for line in open(run / "stage" / "timing.jsonl")]
    metrics = [json.loads(line) for line in open(run / "stage" / "metrics.jsonl")]
    tokens = {line["step"]: line["num_tokens"] for line in metrics if "num_tokens" in line}
    first, last = timing[max(2, options.steps // 5) - 1], timing[-1]
    seconds = last["elapsed_s"] - first["elapsed_s"]
    units = tokens[last["step"]] - tokens[first["step"]] if kind == "sft" else (last["step"] - first["step"]) * options.batch
    return dict(rate=units / seconds, rss_mb=max(line["rss_mb"] for line in timing))


def sides(work, options, scratch):
    """Two functions: this program, the peer."""
    model, pairs = options.model, scratch / "pairs.jsonl"
    trl = lambda kind, *more: lambda: peer("trl_train.py", kind, model, pairs, options.batch, options.steps, *more)
    train = lambda kind, data, **keys: lambda: stage(kind, model, data, options, scratch, **keys)
    if work == "sft":
        return train("sft", scratch / "sft.jsonl"), trl("sft")
    if work == "reward":
        return train("reward", pairs), trl("reward")
    if work == "dpo":
        return train("dpo", pairs), trl("dpo")
    if work == "dpo_cached":
        return train("dpo", pairs, precompute_ref_log_probs=True), trl("dpo", "--precompute")
    if work == "lean":
        return (lambda: bench("step", "--model", model, "--batch", options.batch, "--length", 128),
                lambda: peer("bare_loop.py", model, options.batch, 128, options.steps))
    batch = work.split("_")[1]
    return (lambda: bench("generate", "--model", model, "--batch", batch, "--prompt", 64, "--new", 64),
            lambda: peer("generate.py", model, batch, 64))


def prepare(options, scratch):
    """The same rows for both: prompts cut to their last 128 tokens, responses to their first 127."""
    source = options.pairs
    if source is None:
        source = scratch / "world.jsonl"
        ours("export", "synthetic:preferences", "--limit", 1000, "--out", source)
    subprocess.run([sys.executable, PEERS / "rows.py", options.model, source, scratch], check=True)


def summary(rounds):
    ratios = [one["rate"] / other["rate"] for one, other in rounds]
    middle = lambda side, key: statistics.median(round[side][key] for round in rounds)
    return dict(ratio=statistics.median(ratios), lowest=min(ratios), highest=max(ratios), rounds=len(ratios), ours=middle(0, "rate"), peer=middle(1, "rate"),
                ours_rss_mb=middle(0, "rss_mb"), peer_rss_mb=middle(1, "rss_mb"))


def table(results):
    rows = ["| work | ours | peer | ratio, median (lowest to highest) | memory, ours / peer, MB |", "|---|---|---|---|---|"]
    for work, r in results.items():
        rows.append(f"| {NAMES[work]} | {r['ours']:.4g} | {r['peer']:.4g} | {r['ratio']:.2f} ({r['lowest']:.2f} to {r['highest']:.2f}) | {r['ours_rss_mb']:.0f} / {r['peer_rss_mb']:.0f} |")
    return "\n".join(rows)


def chart(results):
    """Bars of the ratios with their spread, a line at 1."""
    most = max(r["highest"] for r in results.values()) * 1.1
    x = lambda ratio: 290 + 400 * ratio / most
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{40 * len(results) + 40}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>']
    for i, (work, r) in enumerate(results.items()):
        y = 40 * i + 15
        parts += [f'<text x="280" y="{y + 17}" text-anchor="end">{NAMES[work]}</text>',
                  f'<rect x="{x(0):.0f}" y="{y}" width="{x(r["ratio"]) - x(0):.0f}" height="24" fill="#4878a8"/>',
                  f'<path d="M{x(r["lowest"]):.0f} {y + 12}H{x(r["highest"]):.0f}" stroke="black"/>',
                  f'<text x="{x(r["highest"]) + 5:.0f}" y="{y + 17}">{r["ratio"]:.1f}</text>']
    height = 40 * len(results) + 15
    parts += [f'<path d="M{x(1):.0f} 10V{height}" stroke="#a33" stroke-dasharray="4"/>', f'<text x="{x(1):.0f}" y="{height + 15}" text-anchor="middle">as fast as the peer</text>', "</svg>"]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--only", default=",".join(ALL))
    parser.add_argument("--out", type=Path, default=HOME / "benchmarks" / "results")
    options = parser.parse_args()
    options.model = options.model.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepare(options, scratch)
        for work in options.only.split(","):
            ours_side, peers_side = sides(work, options, scratch)
            rounds = []
            for round in range(options.rounds):
                order = random.sample([0, 1], 2)
                got = {side: (ours_side, peers_side)[side]() for side in order}
                rounds.append((got[0], got[1]))
                print(f"{work} {round + 1}/{options.rounds}: {got[0]['rate']:.4g} against {got[1]['rate']:.4g}", file=sys.stderr)
            results[work] = summary(rounds)
    (options.out / f"{options.model.name}.json").write_text(
        json.dumps(dict(model=str(options.model), machine=platform.processor() or platform.machine(), processors=os.cpu_count(), batch=options.batch, steps=options.steps, results=results), indent=1) + "\n")
    (options.out / f"{options.model.name}.svg").write_text(chart(results) + "\n")
    print(table(results))


if __name__ == "__main__":
    main()
