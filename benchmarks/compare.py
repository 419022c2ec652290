"""Runs both sides of each piece of work in turn, `--rounds` times, and reports the ratio of their rates; see compare.sh."""
import argparse, importlib.metadata, json, os, random, re, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PEERS = HOME / "benchmarks" / "peers"
NAMES = {"sft": "SFT, tokens/s", "lean": "training step without padding, tokens/s", "reward": "reward model, pairs/s", "dpo": "DPO, reference in the step, pairs/s",
         "dpo_cached": "DPO, reference cached, pairs/s", "ppo": "PPO, 64 + 48 tokens, prompts/s", "ppo_real": "PPO, real lengths, prompts/s", "grpo": "GRPO, 8 x 8 responses, 64 + 48 tokens, responses/s", "grpo_rollouts": "its roll-outs alone, tokens/s",
         "generate_16": "generation, batch 16, tokens/s", "generate_1": "generation, batch 1, tokens/s"}


def output(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=HOME)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr[-2000:]}")
    return done.stdout


def peer(script, *arguments, python=sys.executable):
    """The JSON line that a peer's script ends with: rate, rss_mb."""
    return json.loads(output(python, PEERS / script, *arguments).strip().splitlines()[-1])


def ours(*arguments):
    return output(HOME / "rlhf4j", *arguments)


def bench(*arguments):
    result = json.loads(ours("bench", *arguments, "--json"))
    return dict(rate=result["tokens_per_second"], rss_mb=result["peak_rss_bytes"] / 2**20, share_of_sgemm=result["share_of_sgemm"],
                sgemm_gflops=result["sgemm_flops_per_second"] / 1e9, read_gb_per_s=result["read_bytes_per_second"] / 1e9)


def run(stages, steps, scratch):
    """Runs stages as users do: a run file. Gives what the last one wrote at the end of the warm-up (the first fifth of the steps, at least two, as on the peers' side) and at its end, and peak memory."""
    shutil.rmtree(scratch / "run", ignore_errors=True)
    (scratch / "run.yaml").write_text(json.dumps(dict(name="run", output_dir=str(scratch), stages=stages)))
    ours("run", scratch / "run.yaml")
    name = list(stages)[-1]
    lines = {}
    for file in ("timing", "metrics"):
        for line in open(scratch / "run" / name / f"{file}.jsonl"):
            line = json.loads(line)
            lines.setdefault(line["step"], {}).update(line)
    rss_mb = json.loads((scratch / "run" / "summary.json").read_text())["stages"][name]["peak_rss_mb"]
    return lines[max(2, steps // 5)], lines[steps], rss_mb


def train(kind, model, data, options, scratch, **keys):
    keys = dict(type=kind, model=str(model), dataset=str(data), batch_size=options.batch, max_steps=options.steps, learning_rate=1e-5,
                lr_scheduler_type="constant", logging_steps=1, shuffle=False, max_length=256, **keys)
    first, last, rss_mb = run(dict(stage=keys), options.steps, scratch)
    units = last["num_tokens"] - first["num_tokens"] if kind == "sft" else (last["step"] - first["step"]) * options.batch
    return dict(rate=units / (last["elapsed_s"] - first["elapsed_s"]), rss_mb=rss_mb)


def ppo(model, data, iterations, scratch, full_length):
    """As peers/trl_ppo.py: four models of one size, reward and value model with a new head (one reward step of no effect makes it), no clipping, which TRL's loop has not."""
    reward = dict(type="reward", model=str(model), dataset=str(scratch / "pairs.jsonl"), max_steps=1, batch_size=1, learning_rate=1e-12)
    keys = dict(type="ppo", model=str(model), reward_model="reward", dataset=str(data), batch_size=16, max_steps=iterations, num_ppo_epochs=4, num_mini_batches=1, max_prompt_length=64,
                response_length=48, temperature=1.0, learning_rate=1e-5, shuffle=False, logging_steps=1, max_grad_norm=0)
    first, last, rss_mb = run(dict(reward=reward, ppo=keys), iterations, scratch)
    prompts = 16 * (last["step"] - first["step"])
    tokens = (last["num_tokens"] - first["num_tokens"]) / (4 * prompts)  # of prompt and response, passed once an epoch
    if full_length and not 64 + 47 < tokens <= 64 + 48:
        sys.exit(f"a prompt and its response should have 64 + 48 tokens, but have {tokens}")
    return dict(rate=prompts / (last["elapsed_s"] - first["elapsed_s"]), rss_mb=rss_mb)


def grpo(model, data, steps, scratch):
    """As peers/trl_grpo.py: 8 prompts a step with 8 responses each."""
    keys = dict(type="grpo", model=str(model), reward_function="length", dataset=str(data), batch_size=8, num_generations=8, max_steps=steps, max_prompt_length=64, max_completion_length=48,
                learning_rate=1e-5, lr_scheduler_type="constant", shuffle=False, logging_steps=1, num_completions_to_print=0)
    first, last, rss_mb = run(dict(grpo=keys), steps, scratch)
    responses = 64 * (last["step"] - first["step"])
    tokens = (last["num_tokens"] - first["num_tokens"]) / responses
    if not 64 + 46 < tokens <= 64 + 48:
        sys.exit(f"a prompt and its response should have 64 + 48 tokens, but have {tokens}")
    return dict(rate=responses / (last["elapsed_s"] - first["elapsed_s"]), rss_mb=rss_mb)


def sides(work, options, scratch):
    """Two functions: this program, the peer."""
    model, pairs = options.model, scratch / "pairs.jsonl"
    trl = lambda kind, *more: lambda: peer("trl_train.py", kind, model, pairs, options.batch, options.steps, *more)
    our = lambda kind, data, **keys: lambda: train(kind, model, data, options, scratch, **keys)
    if work == "sft":
        return our("sft", scratch / "sft.jsonl"), trl("sft")
    if work == "reward":
        return our("reward", pairs), trl("reward")
    if work == "dpo":
        return our("dpo", pairs, precompute_ref_log_probs=False), trl("dpo")
    if work == "dpo_cached":
        return our("dpo", pairs, precompute_ref_log_probs=True), trl("dpo", "--precompute")
    if work.startswith("ppo"):
        real = work == "ppo_real"
        data = scratch / f"{work}.jsonl"
        return (lambda: ppo(model if real else scratch / "endless", data, iterations(options), scratch, not real),
                lambda: peer("trl_ppo.py", model, data, iterations(options), *["--real"] * real, python=os.environ["PEERS_PPO"] + "/bin/python"))
    if work.startswith("grpo"):
        alone = work == "grpo_rollouts"
        data, endless = scratch / "ppo.jsonl", scratch / "endless"
        return (lambda: bench("generate", "--model", endless, "--batch", 64, "--samples", 8, "--prompt", 64, "--new", 48) if alone else grpo(endless, data, iterations(options), scratch),
                lambda: peer("trl_grpo.py", endless, data, iterations(options), *["--rollouts"] * alone))
    if work == "lean":
        return (lambda: bench("step", "--model", model, "--batch", options.batch, "--length", 128),
                lambda: peer("bare_loop.py", model, options.batch, 128, options.steps))
    batch = work.split("_")[1]
    return (lambda: bench("generate", "--model", model, "--batch", batch, "--prompt", 64, "--new", 64),
            lambda: peer("generate.py", model, batch, 64))


def iterations(options):
    return max(4, options.steps // 3)


def prepare(options, scratch):
    """The same rows for both: one epoch, in order."""
    source = options.pairs
    if source is None:
        source = scratch / "world.jsonl"
        ours("export", "synthetic:preferences", "--limit", 4000, "--out", source)
    prompts = 16 * iterations(options) if any("po" in work and not work.startswith("dpo") for work in options.only) else 0
    output(sys.executable, PEERS / "rows.py", options.model, source, scratch, options.batch * options.steps, prompts)


def machine():
    cpu = re.search("model name\\s*: (.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    java = subprocess.run([java, "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "trl")}
    if "PEERS_PPO" in os.environ:
        versions["trl_ppo"] = output(os.environ["PEERS_PPO"] + "/bin/python", "-c", "import importlib.metadata as m; print(m.version('trl'))").strip()
    return dict(cpu=cpu.group(1) if cpu else "", processors=os.cpu_count(), java=java, versions=versions, ours=ours("bench").strip().splitlines())


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
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--out", type=Path, default=HOME / "benchmarks" / "results")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = [work for work in options.only if work not in NAMES]
    if unknown or options.steps < 3:
        parser.error(f"--only takes {','.join(NAMES)}, not {','.join(unknown)}" if unknown else "--steps must be at least 3")
    options.model, options.pairs = options.model.resolve(), options.pairs and options.pairs.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    rounds = {work: [] for work in options.only}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepare(options, scratch)
        about = dict(model=str(options.model), batch=options.batch, steps=options.steps, machine=machine())
        for round in range(options.rounds):
            for work in random.sample(options.only, len(options.only)):
                both = sides(work, options, scratch)
                got = {side: both[side]() for side in random.sample([0, 1], 2)}
                rounds[work].append((got[0], got[1]))
                print(f"round {round + 1}/{options.rounds}, {work}: {got[0]['rate']:.4g} against {got[1]['rate']:.4g}", file=sys.stderr)
    results = {work: summary(rounds[work]) for work in options.only}
    each = {work: [dict(ours=one, peer=other) for one, other in rounds[work]] for work in options.only}
    (options.out / f"{options.model.name}.json").write_text(json.dumps(dict(about, results=results, rounds=each), indent=1) + "\n")
    (options.out / f"{options.model.name}.svg").write_text(chart(results) + "\n")
    print(table(results))


if __name__ == "__main__":
    main()
