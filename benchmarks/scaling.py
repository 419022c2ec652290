"""python3 benchmarks/scaling.py [--only tokens,length,size,threads,steps] [--seconds 1] [--out DIR]

How the time a token of a training step grows: with the tokens of a batch, the length of its sequences, the size of the model, the threads, and the number of steps done.
Prints tables and writes scaling.json and scaling.svg to DIR (benchmarks/results). The models are random ones of `pretrain`; needs Python's standard library only. About four minutes.
"""
import argparse, json, os, subprocess, sys, tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
SIZES = {"1M": (128, 384, 4, 4), "5M": (256, 688, 6, 8), "26M": (512, 1376, 8, 8)}  # hidden, feed-forward, layers, heads
SWEEPS = {"tokens": "tokens of a batch (1M, length 256)", "length": "length of the sequences (1M, 8,192 tokens)", "size": "parameters (8,192 tokens, length 256)",
          "threads": "threads (5M, 8,192 tokens, length 256)", "steps": "steps done (1M, 1,024 tokens a step, length 128)"}


def ours(*arguments):
    done = subprocess.run([str(HOME / "rlhf4j"), *map(str, arguments)], capture_output=True, text=True, cwd=HOME)
    if done.returncode != 0:
        sys.exit(f"rlhf4j {arguments}: {done.stderr[-2000:]}")
    return done.stdout


def pretrain(size, steps, scratch):
    """A new model of this size after some steps: its run's folder."""
    hidden, wide, layers, heads = SIZES[size]
    architecture = dict(hidden_size=hidden, intermediate_size=wide, num_hidden_layers=layers, num_attention_heads=heads, max_position_embeddings=4096)
    stage = dict(type="pretrain", dataset="synthetic:pretrain", architecture=architecture, tokenizer=dict(vocab_size=512), max_length=128, batch_size=8, max_steps=steps, logging_steps=10)
    name = f"{size}-{steps}"
    if not (scratch / name).exists():
        (scratch / "run.yaml").write_text(json.dumps(dict(name=name, output_dir=str(scratch), stages=dict(pretrain=stage))))
        ours("run", scratch / "run.yaml")
    return scratch / name / "pretrain"


def point(x, size, tokens, length, options, scratch, threads=0):
    model = pretrain(size, 1, scratch) / "model"
    result = json.loads(ours("bench", "step", "--model", model, "--batch", tokens // length, "--length", length, "--threads", threads, "--seconds", options.seconds, "--json"))
    parts = sum(part["seconds"] for part in result["parts"].values())
    attention = sum(part["seconds"] for name, part in result["parts"].items() if name.startswith("attention"))
    return dict(x=x, us_a_token=1e6 / result["tokens_per_second"], share_of_sgemm=result["share_of_sgemm"], attention=attention / parts, peak_mb=result["peak_rss_bytes"] / 2**20)


def steps(scratch):
    """Windows of 200 steps of one run; the first begins at step 10."""
    timing = {line["step"]: line for line in map(json.loads, open(pretrain("1M", 2000, scratch) / "timing.jsonl"))}
    points = []
    for start, end in zip([10, *range(200, 2000, 200)], range(200, 2001, 200)):
        seconds = timing[end]["elapsed_s"] - timing[start]["elapsed_s"]
        points.append(dict(x=end, us_a_token=1e6 * seconds / ((end - start) * 1024), resident_mb=timing[end]["rss_mb"]))
    return points


def sweep(name, options, scratch):
    if name == "tokens":
        return [point(tokens, "1M", tokens, 256, options, scratch) for tokens in (2**k for k in range(10, 17))]
    if name == "length":
        return [point(length, "1M", 8192, length, options, scratch) for length in (2**k for k in range(7, 13))]
    if name == "size":
        return [point(size, size, 8192, 256, options, scratch) for size in SIZES]
    if name == "threads":
        return [point(threads, "5M", 8192, 256, options, scratch, threads) for threads in sorted({1, os.cpu_count()})]
    return steps(scratch)


def cell(key, value):
    return f"{100 * value:.0f} %" if key in ("share_of_sgemm", "attention") else f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def table(name, points):
    heads = dict(x=SWEEPS[name], us_a_token="us a token", share_of_sgemm="of sgemm", attention="attention's share", peak_mb="resident at most, MB", resident_mb="resident, MB")
    lines = ["| " + " | ".join(heads[key] for key in points[0]) + " |", "|---" * len(points[0]) + "|"]
    return "\n".join(lines + ["| " + " | ".join(cell(*item) for item in one.items()) + " |" for one in points]) + "\n"


def chart(results):
    """A panel for each sweep: points at equal distances, time a token from 0 upwards."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{170 * len(results)}" font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for panel, (name, points) in enumerate(results.items()):
        top, most = 170 * panel + 30, max(one["us_a_token"] for one in points)
        places = [(60 + 540 * i / max(1, len(points) - 1), top + 100 - 90 * one["us_a_token"] / most) for i, one in enumerate(points)]
        parts += [f'<text x="20" y="{top - 12}">us a token by {SWEEPS[name]}</text>', f'<path d="M40 {top + 100}H620" stroke="#999"/>',
                  '<polyline fill="none" stroke="#4878a8" stroke-width="2" points="' + " ".join(f"{x:.0f},{y:.0f}" for x, y in places) + '"/>']
        for (x, y), one in zip(places, points):
            parts += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="#4878a8"/>', f'<text x="{x:.0f}" y="{y - 6:.0f}" text-anchor="middle">{one["us_a_token"]:.3g}</text>',
                      f'<text x="{x:.0f}" y="{top + 115}" text-anchor="middle">{cell("x", one["x"])}</text>']
    return "\n".join(parts + ["</svg>"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SWEEPS))
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--out", type=Path, default=HOME / "benchmarks" / "results")
    options = parser.parse_args()
    names = options.only.split(",")
    if not set(names) <= set(SWEEPS):
        parser.error(f"--only takes {','.join(SWEEPS)}")
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            results[name] = sweep(name, options, Path(folder))
            print(table(name, results[name]))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "scaling.json").write_text(json.dumps(dict(processors=os.cpu_count(), bench=ours("bench").strip().splitlines(), results=results), indent=1) + "\n")
    (options.out / "scaling.svg").write_text(chart(results) + "\n")


if __name__ == "__main__":
    main()
