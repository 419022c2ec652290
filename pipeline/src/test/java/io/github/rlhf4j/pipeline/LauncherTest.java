package io.github.rlhf4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The two launchers, of which only one runs on a given system, tell Java and Maven the same. */
class LauncherTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FLAG = Pattern.compile(
            "(?<=[\\s\"(=])(-D[\\w.]+|-XX:[+-]?\\w+|-Xmx|-X[a-z]+:[\\w+=]+|-pl \\w+|--[a-z-]{6,}|@[^\"\\s]+\\.options)");
    private static final Set<String> UNIX_ONLY = Set.of(
            "-Drlhf4j.terminal",
            "-Drlhf4j.stderr",
            "-XX:+UseTransparentHugePages"); // drawing, descriptors, Linux's pages
    private static final Pattern VARIABLE =
            Pattern.compile("\\b(RLHF4J_[A-Z_]+|JAVA_HOME|OPT_OUT_TRACKING|DJL_CACHE_DIR)\\b");

    @Test
    void bothPassTheSameFlags() throws IOException {
        Set<String> unix = found(FLAG, "rlhf4j");
        assertThat(unix).contains("-Xmx", "-Drlhf4j.home", "@pipeline/jvm.options", "-XX:SharedArchiveFile");
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
            assertThat(Files.readAllLines(HOME.resolve("pipeline").resolve(name)))
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

    private static Set<String> modules() throws IOException {
        try (Stream<Path> folders = Files.list(HOME)) {
            return folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .map(folder -> folder.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Matches in a launcher outside its comments, paths spelt alike. */
    private static Set<String> found(Pattern pattern, String launcher) throws IOException {
        String text = Files.readAllLines(HOME.resolve(launcher)).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("rem "))
                .collect(Collectors.joining("\n"))
                .replace('\\', '/')
                .replaceAll("@(\\$home|%HOME_DIR%)/", "@");
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
