"""How far PPO's sampler and trainer are apart: rounding in stage ppo, nothing in stage exact (exact_on_policy).

Use: sampler.py RUN_DIR. A line a stage; ends with 1 where one is out.
"""
import json, os, sys

failed = False
for stage, limit in (("ppo", 1e-4), ("exact", 0.0)):
    with open(os.path.join(sys.argv[1], stage, "metrics.jsonl")) as lines:
        steps = [json.loads(line) for line in lines]
    largest = max(step["sampling/logp_diff_max"] for step in steps)
    ok = largest <= limit and (stage != "exact" or all(step["val/ratio"] == 1 for step in steps))
    failed |= not ok
    print(f"{'ok ' if ok else 'OUT'}  {'sampler and trainer, stage ' + stage:44} {largest:.1e} nats a token over {len(steps)} iterations (allowed {limit:.0e})")
sys.exit(failed)
