#!/usr/bin/env python3
"""Which of some checkouts is faster, call by call: their processes take turns, one call each, so what else the machine does meets all of them.
  python3 benchmarks/pair.py step|generate --model DIR [--batch 16 --prompt 64 --length 64] [--calls 60] CHECKOUT[@FLAG,FLAG] CHECKOUT[@...] ...
A checkout is a folder of this repository, built, of a revision that benchmarks/pair/Work.java compiles against; FLAGs are the JVM's, which it gets besides jvm.options. --length is that of a sequence,
prompt included (step), or the number of new tokens (generate). Prints each one's median time and the median of the ratios between its calls and the first one's next to them.
"""
import argparse, os, re, statistics, subprocess, sys, tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent


def start(spec, options, scratch):
    checkout, _, flags = spec.partition("@")
    checkout = Path(checkout).resolve()
    target = checkout / "cli/target"
    class_path = f"{target}/rlhf4j-cli.jar:{(target / 'class-path.txt').read_text().strip()}"
    classes = scratch / re.sub(r"\W", "_", str(checkout))
    subprocess.run(["javac", "-d", classes, "-cp", class_path, HOME / "benchmarks/pair/Work.java"], check=True)
    numbers = map(str, (options.batch, options.prompt, options.length))
    command = ["java", f"@{checkout}/core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options", "-Xmx3g", *options.pages, *filter(None, flags.split(",")), "-cp", f"{classes}:{class_path}", "Work", options.work, options.model, *numbers]
    environment = dict(os.environ, OMP_NUM_THREADS="1", GLIBC_TUNABLES="glibc.malloc.hugetlb=1")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def call(process):
    try:
        print(file=process.stdin, flush=True)
        return float(process.stdout.readline())
    except (BrokenPipeError, ValueError):
        sys.exit("a process has ended before its work; what it said stands above")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["step", "generate"])
    parser.add_argument("checkouts", nargs="+")
    parser.add_argument("--model", required=True)
    for name, number in dict(batch=16, prompt=64, length=64, calls=60, warm_up=15).items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=number)
    options = parser.parse_args()
    choice = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    options.pages = ["-XX:+UseTransparentHugePages"] * (choice.exists() and "[madvise]" in choice.read_text())  # as ./rlhf4j
    with tempfile.TemporaryDirectory() as scratch:
        processes = [start(spec, options, Path(scratch)) for spec in options.checkouts]
        for process in processes:
            for _ in range(options.warm_up):
                call(process)
        times = [[] for _ in processes]
        for i in range(options.calls):
            for j in list(range(len(processes)))[:: -1 if i % 2 else 1]:
                times[j].append(call(processes[j]))
        for process in processes:
            process.stdin.close()
    for spec, each in zip(options.checkouts, times):
        ratio = statistics.median(first / own for first, own in zip(times[0], each))
        print(f"{spec}: {statistics.median(each):.1f} ms (least {min(each):.1f}), {ratio:.3f} times as fast as the first")


if __name__ == "__main__":
    sys.exit(main())
