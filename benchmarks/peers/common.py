"""What the peers' scripts share: no network, the CPU, a clock that leaves out the first steps, peak memory."""
import os
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import json, resource, sys, time
import torch


def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(**values):
    print(json.dumps(dict(values, rss_mb=rss())))
