"""What the peers' scripts share: no network, the CPU, a clock that leaves out the first steps, peak memory."""
import os
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import json, resource, sys, time
import torch
from transformers import TrainerCallback


class Clock(TrainerCallback):
    """Times the steps after the first fifth, at least two, which warm up; compare.py does the same with ours."""

    def __init__(self, steps):
        self.first = max(2, steps // 5)
        self.steps = steps

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.first:
            self.start = time.perf_counter()
        self.end = time.perf_counter()

    def rate(self):
        """Steps a second."""
        return (self.steps - self.first) / (self.end - self.start)


def report(**values):
    print(json.dumps(dict(values, rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
