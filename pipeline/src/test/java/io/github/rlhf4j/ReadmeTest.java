package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of Java in README.md compile as they stand there. */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("(?m)^```java\n((?:(?!```).*\n)+)```$");

    @TempDir
    Path folder;

    @Test
    void theProgramOfTheReadmeCompiles() throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(Path.of("../README.md")));
        assertThat(block.find()).isTrue();
        Path page = folder.resolve("page.md");
        Files.writeString(
                page,
                "```java\nimport io.github.rlhf4j.*;\nimport java.nio.file.Path;\n"
                        + "public final class OfTheReadme {\n    public static void main(String[] arguments) {\n"
                        + block.group(1) + "    }\n}\n```\n");

        new PagePrograms(folder.resolve("classes")).compile(page);

        assertThat(folder.resolve("classes/OfTheReadme.class")).exists();
    }
}
