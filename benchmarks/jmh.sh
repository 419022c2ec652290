#!/usr/bin/env bash
# The kernels under JMH, from Maven Central, with the flags that the program runs with. Arguments are JMH's:
#   benchmarks/jmh.sh [-p call='attention,norm'] [-p threads=1,2] [-rf json -rff FILE]
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/rlhf4j" --version >/dev/null # builds what is missing or old
"$home/mvnw" -q -f "$home/benchmarks/jmh/pom.xml" compile
jmh=$home/benchmarks/jmh/target
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # as ./rlhf4j does
export OMP_NUM_THREADS=1 GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$home/core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options" \
  -cp "$jmh/classes:$(cat "$jmh/class-path.txt"):$home/cli/target/rlhf4j-cli.jar:$(cat "$home/cli/target/class-path.txt")" org.openjdk.jmh.Main "$@"
