"""Training steps and generation in float32, bfloat16 and int8, alternating in one run; the ratio of the best of each, and of the medians.

    python3 benchmarks/precision.py MODEL_DIR [ROUNDS] [SECONDS]

One thread each by --threads 1, so that a busy machine's other processor matters less. Prints a line a measurement and a table at the end.
"""
import json
import statistics
import subprocess
import sys

model = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
seconds = sys.argv[3] if len(sys.argv) > 3 else "3"
CASES = {
    "step, 4 x 128": [["step", "--batch", "4", "--length", "128", "--compute", c] for c in ("float32", "bfloat16")],
    "generate, batch 1": [
        ["generate", "--batch", "1", "--prompt", "16", "--new", "48", "--weights", w] for w in ("float32", "bfloat16", "int8")
    ],
    "generate, batch 16": [
        ["generate", "--batch", "16", "--prompt", "16", "--new", "32", "--weights", w] for w in ("float32", "bfloat16", "int8")
    ],
}


def rate(arguments):
    command = ["./rlhf4j", "bench", *arguments, "--model", model, "--seconds", seconds, "--threads", "1", "--json"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1])
    return float(answer["tokens_per_second"])


for name, variants in CASES.items():
    seen = {v[-1]: [] for v in variants}
    for number in range(rounds):
        for v in variants:
            seen[v[-1]].append(rate(v))
            print(f"{name} {v[-1]} round {number + 1}: {seen[v[-1]][-1]:.1f} tokens/s", flush=True)
    base = seen["float32"]
    for kind, rates in seen.items():
        print(
            f"| {name} | {kind} | {max(rates):.1f} | {max(rates) / max(base):.2f} of the best, "
            f"{statistics.median(rates) / statistics.median(base):.2f} of the medians |"
        )
