#!/usr/bin/env python3
"""What training in parts costs a step and a round on workers of this machine, beside the formula of docs/cluster.md.

Use: benchmarks/cluster.py [RLHF4J [OUT [HIDDEN [MASTER ...]]]]
  HIDDEN   width of the model, 256 by default: 6.6 million weights
  MASTER   "none" (without a cluster), processes:1, processes:2, local[1], local[2] by default
Seconds are the smallest of all steps or rounds: what others do on the machine only adds. One line a stage and master:
  step       seconds of a step (shards) or of a round (replicas), of the whole stage
  away       seconds that the driver waited for its workers, mean of all
  weights, tasks, results   bytes of a step or a round through pipes or Spark; weights for each worker
  files      bytes that workers leave in the run's folder for the driver, of a step or a round: computed, not measured (S a piece of shards, 3 S a replica)
"""
import json, pathlib, re, subprocess, sys

RLHF4J = sys.argv[1] if len(sys.argv) > 1 else str(pathlib.Path(__file__).resolve().parents[1] / "rlhf4j")
OUT = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp/rlhf4j-cluster")
HIDDEN = int(sys.argv[3]) if len(sys.argv) > 3 else 256
MASTERS = sys.argv[4:] or ["none", "processes:1", "processes:2", "local[1]", "local[2]"]
STEPS, LOCAL = 12, 3

OUT.mkdir(parents=True, exist_ok=True)
run_file = OUT / "cluster.yaml"
data = "{path: synthetic:demonstrations, limit: 400}"
run_file.write_text(f"""seed: 7
output_dir: {OUT}/runs
stages:
  start: {{type: pretrain, dataset: {{path: synthetic:pretrain, limit: 300}}, tokenizer: {{vocab_size: 1000}}, max_steps: 1, batch_size: 2,
    architecture: {{hidden_size: {HIDDEN}, intermediate_size: {4 * HIDDEN}, num_hidden_layers: 6, num_attention_heads: 4, max_position_embeddings: 256}}}}
  shards: {{type: sft, model: start, dataset: {data}, shards: 4, batch_size: 16, max_steps: {STEPS}, logging_steps: 1}}
  replicas: {{type: sft, model: start, dataset: {data}, replicas: 2, local_steps: {LOCAL}, batch_size: 8, max_steps: {STEPS}, logging_steps: 1}}
""")


for master in MASTERS:
    name = re.sub(r"[^a-z0-9]+", "-", master).strip("-")
    command = [RLHF4J, "run", str(run_file), f"name={name}", "--overwrite"]
    if master != "none":
        command += ["--cluster", master]
        if master.startswith("local"):
            command += ["cluster.conf={spark.ui.enabled: false}"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if said.returncode:
        print(said.stdout[-2000:])
        sys.exit(1)
    traffic = [line for line in said.stdout.splitlines() if line.startswith("cluster: ") and " jobs of " in line][-2:]  # of shards and of replicas; before these stage start had its texts tokenised
    for stage, parts in (("shards", STEPS), ("replicas", STEPS // LOCAL)):
        folder = OUT / "runs" / name / stage
        elapsed = [0.0] + [json.loads(line)["elapsed_s"] for line in (folder / "timing.jsonl").read_text().splitlines()]
        every = 1 if stage == "shards" else LOCAL
        seconds = [elapsed[i] - elapsed[i - every] for i in range(every, STEPS + 1, every)]
        weights = (folder / "model" / "model.safetensors").stat().st_size
        line = f"{master:12} {stage:8} S = {weights / 1e6:.1f} MB"
        line += f"  {'step' if stage == 'shards' else 'round'} {min(seconds):.3f} s"
        if master != "none":
            found = re.search(r"(\d+) jobs of (\d+) pieces in ([\d.]+) s; bytes: ([\d,]+) once to each worker, tasks ([\d,]+), results ([\d,]+)", traffic.pop(0))
            jobs, pieces = int(found[1]), int(found[2])
            sent, tasks, results = (int(found[i].replace(",", "")) / jobs for i in (4, 5, 6))
            files = pieces / jobs * weights * (1 if stage == "shards" else 3)
            line += f"  away {float(found[3]) / jobs:.3f} s  {pieces / jobs:.0f} pieces"
            line += f"  weights {sent / 1e6:.2f} MB  tasks {tasks / 1e3:.1f} kB  results {results / 1e3:.1f} kB  files {files / 1e6:.1f} MB"
        print(line, flush=True)
