package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/third-party.md names every jar on the class path, each with a licence that is allowed. */
class LicencesTest {
    private static final Set<String> ALLOWED = Set.of(
            "Apache-2.0",
            "MIT",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "EPL-2.0",
            "LGPL-2.1-only", // beside EPL-2.0
            "public domain");
    /** Of tests alone: the folders of their groups. */
    private static final Pattern OF_TESTS = Pattern.compile(
            ".*/(org/junit|org/assertj|org/opentest4j|org/apiguardian|org/apache/maven|net/bytebuddy|com/tngtech|com/networknt|com/ethlo|com/jerolba)/.*");

    private static final Pattern ROW = Pattern.compile("\\| ([\\w.-]+):([\\w.-]+) \\| (.+) \\|");

    private static Map<String, String> table() throws IOException {
        Map<String, String> licences = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/third-party.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                licences.put(row.group(1) + ":" + row.group(2), row.group(3));
            }
        }
        return licences;
    }

    /** The jars of others: their paths in Maven's repository, with slashes. */
    private static Set<String> jars() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Set<String> jars = new TreeSet<>();
        Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> entry.replace(File.separatorChar, '/'))
                .filter(entry -> entry.endsWith(".jar")
                        && !entry.substring(entry.lastIndexOf('/') + 1).startsWith("rlhf4j-")
                        && !OF_TESTS.matcher(entry).matches())
                .forEach(jars::add);
        return jars;
    }

    private static String path(String artifact) {
        int colon = artifact.indexOf(':');
        return "/" + artifact.substring(0, colon).replace('.', '/') + "/" + artifact.substring(colon + 1) + "/";
    }

    @Test
    void everyJarIsInTheTableAndNoMore() throws IOException {
        Set<String> artifacts = table().keySet();
        Set<String> jars = jars();
        assertThat(jars).hasSizeGreaterThan(40);
        assertThat(jars).allMatch(jar -> artifacts.stream().anyMatch(artifact -> jar.contains(path(artifact))));
        assertThat(artifacts).allMatch(artifact -> jars.stream().anyMatch(jar -> jar.contains(path(artifact))));
    }

    @Test
    void everyLicenceIsAllowed() throws IOException {
        assertThat(table().values())
                .allMatch(licences -> Arrays.stream(licences.split(" or ")).anyMatch(ALLOWED::contains));
    }
}
