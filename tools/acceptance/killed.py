"""Runs a run file and kills the process (SIGKILL) in the middle of every stage, each time going on by --resume; the last time it may end.

Use: killed.py RUN STAGE,STAGE,... STEPS COMMAND...      RUN: its folder; STEPS: kill when so many lines are in the stage's metrics.jsonl
"""
import subprocess
import sys
import time
from pathlib import Path

from checks import Checks

run, stages, steps, command = Path(sys.argv[1]), sys.argv[2].split(','), int(sys.argv[3]), sys.argv[4:]
checks = Checks()


def lines(path):
    return path.read_bytes().count(b'\n') if path.exists() else 0


for index, stage in enumerate(stages):
    process = subprocess.Popen(command + (['--resume'] if index else []), stderr=subprocess.DEVNULL)
    while process.poll() is None and lines(run / stage / 'metrics.jsonl') < steps:
        time.sleep(0.005)
    process.kill()
    process.wait()
    complete = (run / stage / 'model').exists()
    checks.that(f'killed in the middle of {stage}', not complete and process.returncode == -9,
                f'after step {lines(run / stage / "metrics.jsonl")}')
last = subprocess.run(command + ['--resume'], stderr=subprocess.PIPE, text=True)
checks.that('resumed to the end', last.returncode == 0, '' if last.returncode == 0 else last.stderr[-300:])
checks.end()
