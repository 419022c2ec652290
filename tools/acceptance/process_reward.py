#!/usr/bin/env python3
"""Tables of runs of configs/process-reward.yaml: the first error found, and accuracy of the best of n by each reward.

  for s in 7 8 9; do ./rlhf4j run configs/process-reward.yaml seed=$s name=process-reward-$s; done
  tools/acceptance/process_reward.py runs/process-reward-7 runs/process-reward-8 runs/process-reward-9
"""
import json
import math
import pathlib
import statistics
import sys

NS = (1, 4, 16)


def spread(values):
    """Mean of the runs and its standard error."""
    mean = statistics.mean(values)
    return f"{mean:.3f}" + (f" ± {statistics.stdev(values) / math.sqrt(len(values)):.3f}" if len(values) > 1 else "")


def cell(value, error):
    return f"{value:.3f} ± {error:.3f}"


def last(folder, stage, name):
    lines = (folder / stage / "metrics.jsonl").read_text().splitlines()
    return [row[name] for row in map(json.loads, lines) if name in row][-1]


def main(folders):
    runs = [pathlib.Path(folder) for folder in folders]
    print("| run | steps called as labelled, process | first error found, F1 |\n|---|---|---|")
    for run in runs:
        accuracy = cell(last(run, "process", "eval_accuracy"), last(run, "process", "eval_accuracy_se"))
        f1 = cell(last(run, "process", "eval_first_error_f1"), last(run, "process", "eval_first_error_f1_se"))
        print(f"| {run.name} | {accuracy} | {f1} |")
    print("| mean of runs | | " + spread([last(run, "process", "eval_first_error_f1") for run in runs]) + " |")
    curves = [json.loads((run / "best" / "summary.json").read_text())["curve"]["by"] if (run / "best" / "summary.json").exists()
              else json.loads((run / "summary.json").read_text())["stages"]["best"]["curve"]["by"] for run in runs]
    print("\n| best of n by | " + " | ".join(f"n = {n}" for n in NS) + " | min over it, n = 16 |\n|---|" + "---|" * (len(NS) + 1))
    for reward in curves[0]:
        for run, curve in zip(runs, curves):
            points = {point["n"]: point for point in curve[reward]}
            cells = [cell(points[n]["accuracy"], points[n]["accuracy_se"]) for n in NS]
            print(f"| {reward}, {run.name} | " + " | ".join(cells) + " | " + cell(points[16]["gain"], points[16]["gain_se"]) + " |")
        means = [spread([{p["n"]: p for p in curve[reward]}[n]["accuracy"] for curve in curves]) for n in NS]
        gain = spread([{p["n"]: p for p in curve[reward]}[16]["gain"] for curve in curves])
        print(f"| {reward}, mean of runs | " + " | ".join(means) + f" | {gain} |")


main(sys.argv[1:])
