package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What others resolve: the BOM, the natives, what a library user does not get. */
class ArtifactsTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern OURS = Pattern.compile("<artifactId>(rlhf4j-[^<]+)</artifactId>");

    @Test
    void theBomNamesEveryModule() throws IOException {
        Set<String> modules = all(MODULE, HOME.resolve("pom.xml")).stream()
                .map(module -> "rlhf4j-" + module.replace('/', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
        modules.remove("rlhf4j-bom");
        modules.remove("rlhf4j-dist");
        Set<String> named = all(OURS, HOME.resolve("bom/pom.xml"));
        named.remove("rlhf4j-bom");
        assertThat(named).isEqualTo(modules);
    }

    /** Gradle reads the default profile alone; Maven one of the others. */
    @Test
    void nativesAreThereForEverySystemAndForAll() throws IOException {
        String pom = Files.readString(HOME.resolve("natives/pom.xml"));
        for (String module : all(MODULE, HOME.resolve("pom.xml"))) {
            if (module.startsWith("natives/")) {
                assertThat(pom.split("<artifactId>rlhf4j-" + module.replace('/', '-') + "</artifactId>", -1))
                        .hasSize(3);
            }
        }
        assertThat(pom).contains("<activeByDefault>true</activeByDefault>");
    }

    @Test
    void onlyTheProgramBringsALoggingBackend() throws IOException {
        for (String module : all(MODULE, HOME.resolve("pom.xml"))) {
            if (!module.equals("cli")) {
                assertThat(HOME.resolve(module).resolve("pom.xml")).content().doesNotContain("logback");
            }
        }
    }

    private static Set<String> all(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map((MatchResult result) -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
