#!/usr/bin/env bash
# What a stranger gets: tools/acceptance/consumer.sh [OUT]
# Publishes all artifacts to a repository in OUT; examples/consumer resolves from it with an empty local repository (Maven, and Gradle where there is one), trains, generates;
# the extension of docs/extending.md is built as a project of its own; the archive runs on a plain JRE with an empty PATH; a second build has the same bytes.
# Needs a network (the registries of Maven), about 2 GB of disk in OUT, some ten minutes on two cores. A line a check; exits 1 if one fails.
set -uo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
out=${1:-$(mktemp -d)}
mkdir -p "$out" && out=$(cd "$out" && pwd -P) || exit 1
rm -rf "$out/repository" "$out/m2" "$out/gradle" "$out/dist" "$out/first" "$out/second"
failed=0
log=$out/log.txt
: >"$log"

check() { # TEXT COMMAND...: runs the command, says ok or FAILED
  local text=$1
  shift
  if "$@" >>"$log" 2>&1; then printf 'ok      %s\n' "$text"; else
    printf 'FAILED  %s (%s)\n' "$text" "$log"
    failed=1
  fi
}

maven() { "$home/mvnw" -B -q --no-transfer-progress "$@"; }
java_home=$(dirname "$(dirname "$(readlink -f "${JAVA_HOME:+$JAVA_HOME/bin/}$(command -v java)")")")
[ -z "${JAVA_HOME:-}" ] || java_home=$JAVA_HOME
version=$(sed -n 's|.*<revision>\(.*\)</revision>.*|\1|p' "$home/pom.xml")

# --- A repository
publish() { maven -f "$home/pom.xml" -Pdist deploy -Dmaven.test.skip=true -Dmaven.install.skip=true "-DaltDeploymentRepository=rlhf4j::file:$1"; }
check "deploy makes a repository" publish "$out/repository"
complete() { # jar, sources, Javadoc, and a pom that needs neither a parent nor a property
  local folder pom section
  for folder in "$out"/repository/io/github/rlhf4j/*/*/; do
    pom=$(ls "$folder"*.pom) || return 1
    ! grep -H '<parent>\|${[^p]' "$pom" || return 1
    for section in scm developers licenses url; do
      grep -q "<$section" "$pom" || { echo "$pom lacks $section"; return 1; }
    done
    ls "$folder" | grep -q '[0-9]\.jar$' || continue
    case $folder in */rlhf4j-natives*) continue ;; esac
    ls "$folder"*-sources.jar "$folder"*-javadoc.jar || return 1
  done
}
check "every artifact has sources, Javadoc and a whole pom" complete

# --- A consumer, Maven: nothing but this repository and the public one
consumer=(-f "$home/examples/consumer/pom.xml" "-Dmaven.repo.local=$out/m2" "-Drlhf4j.repository=file:$out/repository" "-Drlhf4j.version=$version" "-Dproject.build.directory=$out/first")
writes() { "$@" >"$out/consumer.txt" 2>&1; cat "$out/consumer.txt"; grep -q '^loss [0-9.]*$' "$out/consumer.txt" && grep -q '^The red .*\.$' "$out/consumer.txt"; }
check "Maven: an empty local repository resolves, trains, generates" writes maven "${consumer[@]}" package exec:exec
libraries() {
  maven "${consumer[@]}" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath "-Dmdep.outputFile=$out/class-path.txt" -DincludeScope=runtime || return 1
  tr : '\n' <"$out/class-path.txt" | sed 's|.*/||' | sort >"$out/consumer-jars.txt"
  ! grep -E '^(logback|carpet|picocli|hadoop|junit)' "$out/consumer-jars.txt" || return 1 # opennlp is there: the reward `language` and stage filter need it
  tar tzf "$home/dist/target/rlhf4j-$version.tar.gz" | sed -n 's|.*/lib/\(.*\.jar\)$|\1|p' | sort >"$out/our-jars.txt"
  # the same versions as the program's, without our dependencyManagement
  [ -z "$(comm -23 "$out/consumer-jars.txt" "$out/our-jars.txt" | grep -v -e '^slf4j-simple' | tee -a "$log")" ]
}
check "Maven: slf4j alone, and the versions that we test with" libraries
if command -v gradle >/dev/null; then
  check "Gradle: an empty cache resolves, trains, generates" writes \
    env "GRADLE_USER_HOME=$out/gradle" gradle --no-daemon -q -p "$home/examples/consumer" "-Prlhf4j.repository=file:$out/repository" "-Prlhf4j.version=$version" run
else
  printf 'no      Gradle on this machine (Debian: apt-get install gradle)\n'
fi

# --- The archive: only Java on the PATH, no home but a new one
mkdir -p "$out/dist" "$out/home"
unpack() { tar xzf "$home/dist/target/rlhf4j-$version.tar.gz" -C "$out/dist"; }
check "the archive unpacks" unpack
program=$out/dist/rlhf4j-$version/rlhf4j
bare() { (cd "$out" && env -i "PATH=$java_home/bin" "HOME=$out/home" "$@"); }
check "the archive starts with nothing but Java on the PATH" bare "$program" --version
cat >"$out/mini.yaml" <<'Y'
name: mini
stages:
  pretrain:
    type: pretrain
    dataset: {path: "synthetic:pretrain", limit: 64}
    architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}
    tokenizer: {vocab_size: 300}
    max_length: 64
    batch_size: 8
    max_steps: 5
Y
check "the archive trains" bare "$program" run mini.yaml --overwrite
refuses() { (cd "$out" && RLHF4J_CLASS_PATH=/nowhere "$program" run mini.yaml --overwrite >"$out/refused.txt" 2>&1 || [ $? = 2 ]) && grep 'RLHF4J_CLASS_PATH names /nowhere, which does not exist' "$out/refused.txt"; }
check "a missing entry of RLHF4J_CLASS_PATH is an error" refuses

# --- An extension as a project of its own (docs/extending.md)
extension=$home/docs/examples/extension
if [ -f "$extension/pom.xml" ]; then
  plug_in() {
    rm -rf "$out/plug-in" && cp -r "$extension" "$out/plug-in" && cd "$out/plug-in" || return 1
    maven -f pom.xml "-Dmaven.repo.local=$out/m2" "-Drlhf4j.repository=file:$out/repository" "-Drlhf4j.version=$version" package || return 1
    local jar
    jar=$(ls target/*.jar | head -n 1)
    RLHF4J_CLASS_PATH=$PWD/$jar "$program" run run.yaml --overwrite pretrain.max_steps=5 dpo.max_steps=2 reward.max_steps=2 ppo.max_steps=1
  }
  check "an extension as a Maven project outside the clone" plug_in
fi

new_plug_in() {
  rm -rf "$out/own-plugin" && (cd "$out" && "$program" new plugin own-plugin) && cd "$out/own-plugin" || return 1
  maven -f pom.xml "-Dmaven.repo.local=$out/m2" "-Drlhf4j.repository=file:$out/repository" package || return 1
  RLHF4J_CLASS_PATH=$PWD/target/own-plugin-1.0.jar "$program" run run.yaml --overwrite pretrain.max_steps=5 grpo.max_steps=1
}
check "new plugin: its test passes, its jar is used" new_plug_in

# --- The same bytes from a second build
sums() { (cd "$1/io/github/rlhf4j" && find . -name '*.jar' -exec sha256sum {} + | sed 's/-[0-9]\{8\}\.[0-9]\{6\}-[0-9]*\([-.]\)/\1/' | sort -k 2); }
same() {
  git -C "$home" rev-parse HEAD >/dev/null || return 1
  rm -rf "$out/second" && mkdir -p "$out/second" && git -C "$home" ls-files -z | tar cf - -C "$home" --null -T - | tar xf - -C "$out/second" || return 1
  (cd "$out/second" && ./mvnw -B -q --no-transfer-progress -Pdist deploy -Dmaven.test.skip=true -Dmaven.install.skip=true "-DaltDeploymentRepository=rlhf4j::file:$out/repository2") || return 1
  diff <(sums "$out/repository") <(sums "$out/repository2") || return 1
  cmp "$home/dist/target/rlhf4j-$version.tar.gz" "$out/second/dist/target/rlhf4j-$version.tar.gz"
}
rm -rf "$out/repository2"
check "a second build, in another folder, has the same bytes" same
exit $failed
