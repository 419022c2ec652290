package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The two launchers, of which only one runs on a given system, tell Java and Maven the same. */
class LauncherTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FLAG = Pattern.compile(
            "(?<=[\\s\"(=])(-D[\\w.]+|-XX:[+-]?\\w+|-Xmx|-X[a-z]+:[\\w+=]+|-pl \\w+|--[a-z-]{6,}|@[^\"\\s]+\\.options)");
    /** Drawing, descriptors, Linux's pages, Spark. */
    private static final Set<String> UNIX_ONLY = Set.of(
            "-Drlhf4j.terminal",
            "-Drlhf4j.terminal.out",
            "-Drlhf4j.stderr",
            "-XX:+UseTransparentHugePages",
            "-XX:CompressedClassSpaceSize", // ulimit
            "--cluster",
            "@$home/spark/src/main/resources/io/github/rlhf4j/spark/spark.options");

    private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>.*?</dependency>");
    private static final Pattern OURS = Pattern.compile("<artifactId>rlhf4j-(?!natives)([\\w-]+)</artifactId>");
    private static final Pattern VARIABLE =
            Pattern.compile("\\b(RLHF4J_[A-Z_]+|JAVA_HOME|OPT_OUT_TRACKING|DJL_CACHE_DIR)\\b");

    /** Of the launcher rlhf4j alone. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "rlhf4j is a shell script; Windows has rlhf4j.cmd")
    private @interface OfTheShellScript {}

    @Test
    void bothPassTheSameFlags() throws IOException {
        Set<String> unix = found(FLAG, "rlhf4j");
        assertThat(unix).contains("-Xmx", "-Drlhf4j.home", "@jvm.options", "-XX:SharedArchiveFile");
        unix.removeAll(UNIX_ONLY);
        assertThat(found(FLAG, "rlhf4j.cmd")).isEqualTo(unix);
    }

    @Test
    void bothReadTheSameVariables() throws IOException {
        assertThat(found(VARIABLE, "rlhf4j.cmd")).isEqualTo(found(VARIABLE, "rlhf4j"));
    }

    @Test
    void theirOptionFilesAreThereAndOfFlagsOnly() throws IOException {
        for (String name : List.of("jvm.options", "jvm-24.options")) {
            assertThat(Files.readAllLines(HOME.resolve("core-model/src/main/resources/io/github/rlhf4j/core/kernels")
                            .resolve(name)))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("-") || line.startsWith("#"));
        }
    }

    @Test
    void theyBuildWhenAnyModuleChanges() throws IOException {
        Set<String> modules = modules();
        for (String launcher : List.of("rlhf4j", "rlhf4j.cmd")) {
            assertThat(Files.readString(HOME.resolve(launcher))).contains(modules);
        }
    }

    @Test
    @OfTheShellScript
    void theMemoryLimitOfAContainerIsFoundInBothVersionsOfControlGroups(@TempDir Path root) throws Exception {
        write(root.resolve("memory/x/memory.limit_in_bytes"), "4294967296");
        write(root.resolve("memory/memory.limit_in_bytes"), "9223372036854771712");
        write(root.resolve("y/memory.max"), "2147483648");
        write(root.resolve("memory.max"), "max");
        assertThat(limited(root, "5:cpu:/x", "4:cpuset,memory:/x", "0::/")).isEqualTo("4194304");
        assertThat(limited(root, "0::/", "4:memory:/x/below")).isEqualTo("4194304");
        assertThat(limited(root, "0::/y/below")).isEqualTo("2097152");
        assertThat(limited(root, "4:memory:/x", "0::/y")).isEqualTo("2097152");
        assertThat(limited(root, "3:cpu:/y", "0::/")).isEqualTo("24000000");
    }

    /** What the launcher's function makes of /proc/self/cgroup with these lines and 24,000,000 KiB in the machine. */
    private static String limited(Path root, String... lines) throws Exception {
        Path groups = write(root.resolve("cgroup"), String.join("\n", lines) + "\n");
        String script = Files.readString(HOME.resolve("rlhf4j"));
        String function = script.substring(
                script.indexOf("limited() {"), script.indexOf("\n}", script.indexOf("limited() {")) + 3);
        return output("bash", "-c", function + "limited " + groups + " " + root + " 24000000");
    }

    @ParameterizedTest
    @OfTheShellScript
    @ValueSource(strings = {"2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", "2> >(exec 0<&-)"})
    void nothingOutlivesTheProgramWhateverDescriptorsItIsGiven(String redirection, @TempDir Path home)
            throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        try {
            output("bash", "-c", "JAVA_HOME=" + home + "/jdk " + launcher + " inspect " + redirection);
            long end = System.nanoTime() + 5_000_000_000L;
            while (System.nanoTime() < end && processes(home).count() > 0) {
                Thread.sleep(20);
            }
            assertThat(processes(home)).isEmpty();
        } finally {
            processes(home).forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    @OfTheShellScript
    void theFilterDropsTheWarningAboutIncubatorModulesAlone(@TempDir Path home) throws Exception {
        assertThat(output(
                        "bash",
                        "-c",
                        "JAVA_HOME=" + home + "/jdk " + withJavaThatOnlyTalks(home) + " inspect 2>&1 | cat"))
                .isEqualTo("a\nb\n");
    }

    @Test
    @OfTheShellScript
    void withoutAHomeLibrariesAreNotUnpackedWhereOthersMayWrite(@TempDir Path home) throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        Files.writeString(home.resolve("jdk/bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        String flags = output(
                "env",
                "-u",
                "HOME",
                "-u",
                "XDG_CACHE_HOME",
                "-u",
                "RLHF4J_CACHE_DIR",
                "JAVA_HOME=" + home + "/jdk",
                launcher.toString(),
                "inspect");
        assertThat(flags).contains("-DDJL_CACHE_DIR=" + home + "/cli/target/launch/cache/djl");
    }

    @Test
    @OfTheShellScript
    void aDistributionStartsWithoutABuildWhereOnlyJavaIsOnThePath(@TempDir Path home) throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        Files.writeString(home.resolve("jdk/bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.delete(home.resolve("cli/target/launch/stamp"));
        write(home.resolve("lib/jvm.options"), "");
        Path link = Files.createSymbolicLink(home.resolve("link"), launcher);
        String arguments = output("env", "-i", "PATH=" + home + "/jdk/bin", "HOME=" + home, link.toString(), "inspect");
        assertThat(arguments)
                .contains("@" + home.toRealPath() + "/lib/jvm.options\n")
                .contains("-cp\n" + home.toRealPath() + "/lib/*\nio.github.rlhf4j.cli.Main\ninspect\n")
                .doesNotContain("building");
        assertThat(home.resolve(".cache/rlhf4j/launch")).isDirectory();
    }

    @Test
    @OfTheShellScript
    void theLabHasAClassPathOfItsOwnThatNoOtherCommandSees(@TempDir Path home) throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        Files.writeString(home.resolve("jdk/bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        withLab(home, "launch");
        String java = "JAVA_HOME=" + home + "/jdk";
        assertThat(output("env", java, launcher.toString(), "--debug", "lab", "--list"))
                .contains("-cp\n" + home.toRealPath() + "/lab/target/rlhf4j-lab.jar:")
                .doesNotContain("building");
        assertThat(output("env", java, launcher.toString(), "inspect", "lab"))
                .contains("-cp\n" + home.toRealPath() + "/cli/target/rlhf4j-cli.jar:")
                .doesNotContain("rlhf4j-lab");
        write(home.resolve("lib/jvm.options"), "");
        assertThat(output("env", java, launcher.toString(), "lab"))
                .contains("-cp\n" + home.toRealPath() + "/lib/*\nio.github.rlhf4j.cli.Main\nlab\n");
    }

    @ParameterizedTest
    @OfTheShellScript
    @ValueSource(
            strings = {
                "cluster: local[2]",
                "cluster: {master: \"spark://host:7077\", threads: 2}",
                "cluster:\n  threads: 1\n  master: local-cluster[2,1,1024]"
            })
    void sparkIsOnTheClassPathWhereARunAsksForIt(String cluster, @TempDir Path home) throws Exception {
        Path launcher = withSpark(home, "printf '%s\\n' \"$@\"");
        String java = "JAVA_HOME=" + home + "/jdk";
        String asks = write(home.resolve("asks.yaml"), cluster).toString();
        String asksNot = write(home.resolve("not.yaml"), "cluster: processes:2\nstages: {a: {model: local}}")
                .toString();
        assertThat(output("env", java, launcher.toString(), "run", asks))
                .contains("-cp\n" + home.toRealPath() + "/spark/target/rlhf4j-spark.jar:")
                .contains("/spark/spark.options\n")
                .doesNotContain("building");
        assertThat(output("env", java, launcher.toString(), "run", asksNot, "--cluster", "local[2]"))
                .contains("rlhf4j-spark");
        assertThat(output("env", java, launcher.toString(), "run", asksNot, "--cluster", "threads:2"))
                .contains("-cp\n" + home.toRealPath() + "/cli/target/rlhf4j-cli.jar:")
                .doesNotContain("spark");
    }

    @Test
    @OfTheShellScript
    void theLabHasSparkBesideItsOwnWhereItAsksForIt(@TempDir Path home) throws Exception {
        Path launcher = withSpark(home, "printf '%s\\n' \"$@\"");
        withLab(home, "launch-spark");
        assertThat(output(
                        "env",
                        "JAVA_HOME=" + home + "/jdk",
                        launcher.toString(),
                        "lab",
                        "sampling",
                        "--cluster",
                        "local[2]"))
                .contains("-cp\n" + home.toRealPath() + "/spark/target/rlhf4j-spark.jar:")
                .contains(":" + home.toRealPath() + "/lab/target/rlhf4j-lab.jar:")
                .contains("/spark/spark.options\n")
                .doesNotContain("building");
    }

    /** A module lab that is built. */
    private static void withLab(Path home, String launch) throws IOException {
        write(home.resolve("lab/pom.xml"), "");
        Files.createDirectories(home.resolve("lab/src/main"));
        Path jar = write(home.resolve("lab/target/rlhf4j-lab.jar"), "");
        write(home.resolve("lab/target/class-path.txt"), jar.toString());
        write(home.resolve("lab/target").resolve(launch).resolve("classes-17.0.1.jsa"), "");
        write(home.resolve("lab/target").resolve(launch).resolve("stamp"), home.toRealPath() + " ");
    }

    /** The launcher with a module spark that is built, and a Java that runs this command of the shell. */
    private static Path withSpark(Path home, String java) throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        Files.writeString(home.resolve("jdk/bin/java"), "#!/bin/sh\n" + java + "\n");
        write(home.resolve("spark/pom.xml"), "");
        Files.createDirectories(home.resolve("spark/src/main"));
        Path jar = write(home.resolve("spark/target/rlhf4j-spark.jar"), "");
        write(home.resolve("spark/target/class-path.txt"), jar.toString());
        write(home.resolve("spark/target/launch/classes-17.0.1.jsa"), "");
        write(home.resolve("spark/target/launch/stamp"), home.toRealPath() + " ");
        return launcher;
    }

    @ParameterizedTest
    @OfTheShellScript
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster: processes:2 | --cluster=local[2] | 127.0.0.1",
                "cluster: local-cluster[1,1,1024] | --threads=1 | 127.0.0.1",
                "cluster: local[2]  # later {master: spark://host:7077} | --threads=1 | 127.0.0.1",
                "cluster: spark://host:7077 | --threads=1 | none",
                "cluster: local[2] | --cluster=spark://host:7077 | none",
                "cluster: {master: k8s://https://host:1} | --cluster=local[2] | none" // rather than a driver that
                // nobody reaches
            })
    void sparkListensOnThisMachineAloneUnlessItsMasterIsElsewhere(
            String cluster, String flag, String address, @TempDir Path home) throws Exception {
        Path launcher = withSpark(home, "echo \"${SPARK_LOCAL_IP:-none}\"");
        String file = write(home.resolve("run.yaml"), cluster).toString();
        assertThat(output(
                        "env",
                        "-u",
                        "SPARK_LOCAL_IP",
                        "JAVA_HOME=" + home + "/jdk",
                        launcher.toString(),
                        "run",
                        file,
                        flag))
                .isEqualTo(address + "\n");
    }

    @Test
    @OfTheShellScript
    void aJavaWithoutTheVectorModuleIsNamed(@TempDir Path home) throws Exception {
        Path launcher = withJavaThatOnlyTalks(home);
        write(home.resolve("jdk/release"), "JAVA_VERSION=\"21.0.1\"\nMODULES=\"java.base java.desktop\"\n");
        assertThat(output("env", "JAVA_HOME=" + home + "/jdk", launcher.toString(), "inspect"))
                .startsWith("rlhf4j: " + home + "/jdk lacks the module jdk.incubator.vector");
    }

    /** The launcher in a folder of its own, with a Java that says two lines and a warning on standard error. */
    private static Path withJavaThatOnlyTalks(Path home) throws Exception {
        for (String module : modules()) {
            write(home.resolve(module).resolve("pom.xml"), "");
            Files.createDirectories(home.resolve(module).resolve("src/main"));
        }
        write(home.resolve("pom.xml"), "");
        Files.createDirectories(home.resolve(".mvn"));
        write(home.resolve("cli/target/rlhf4j-cli.jar"), "");
        write(
                home.resolve("cli/target/class-path.txt"),
                home.resolve("cli/target/rlhf4j-cli.jar").toString());
        write(home.resolve("cli/target/launch/classes-17.0.1.jsa"), "");
        write(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Path java = write(
                home.resolve("jdk/bin/java"),
                "#!/bin/sh\n{ echo a; echo WARNING: Using incubator modules: jdk.incubator.vector; echo b; } >&2\n");
        Path launcher = write(home.resolve("rlhf4j"), Files.readString(HOME.resolve("rlhf4j")));
        for (Path script : List.of(java, launcher)) {
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        write(home.resolve("cli/target/launch/stamp"), home.toRealPath() + " ");
        return launcher;
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Stream<ProcessHandle> processes(Path home) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(home.toString()));
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The modules that the program is made of: cli and what it needs, directly or not, but for tests. */
    private static Set<String> modules() throws IOException {
        Set<String> modules = new TreeSet<>();
        addModules("cli", modules);
        return modules;
    }

    private static void addModules(String module, Set<String> modules) throws IOException {
        if (modules.add(module)) {
            Matcher dependency = DEPENDENCY.matcher(Files.readString(HOME.resolve(module + "/pom.xml")));
            while (dependency.find()) {
                Matcher ours = OURS.matcher(dependency.group());
                if (ours.find() && !dependency.group().contains("<scope>test</scope>")) {
                    addModules(ours.group(1), modules);
                }
            }
        }
    }

    /** Matches in a launcher outside its comments, paths spelt alike. */
    private static Set<String> found(Pattern pattern, String launcher) throws IOException {
        String text = Files.readAllLines(HOME.resolve(launcher)).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("rem "))
                .collect(Collectors.joining("\n"))
                .replace('\\', '/')
                .replaceAll("@(\\$options|%OPTIONS%)/", "@");
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
