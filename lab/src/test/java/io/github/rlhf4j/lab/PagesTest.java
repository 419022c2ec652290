package io.github.rlhf4j.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every page runs quickly, and what it claims of quick runs holds; each has its page of docs. */
class PagesTest {
    private static final Path RESOURCES = Path.of("src/main/resources/io/github/rlhf4j/lab/pages");
    private static final Path DOCS = Path.of("../docs/lab");

    static List<String> names() {
        return PageSource.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aQuickRunMakesPicturesAndItsClaimsHold(String name, @TempDir Path folder) throws IOException {
        PageSource source = PageSource.of(name);
        Page page = source.page();
        try (Rlhf4j engine = Rlhf4j.create()) {
            LabRun run = new LabRun(
                    source, page, page.mode(false), "quick", folder, engine, Console.SILENT, StopRequest.NEVER);
            LabResults results = run.run();
            run.write(results);
            assertThat(results.verdicts())
                    .allSatisfy(verdict -> assertThat(verdict.holds())
                            .as(verdict.says() + ": " + verdict.numbers())
                            .isTrue());
        }
        for (Page.Picture picture : page.pictures()) {
            assertThat(folder.resolve(picture.name() + ".svg")).content().contains("</svg>");
            assertThat(Files.readAllLines(folder.resolve(picture.name() + ".csv")))
                    .as(picture.name())
                    .hasSizeGreaterThan(2);
        }
        assertThat(folder.resolve("report.html"))
                .content()
                .contains(page.title().substring(0, 5));
        assertThat(folder.resolve("results.json")).content().contains("\"runs\"", "\"groups\"", "\"claims\"");
    }

    @Test
    void everyFolderIsInTheIndexAndHasItsDocs() throws IOException {
        try (Stream<Path> folders = Files.list(RESOURCES)) {
            assertThat(folders.filter(Files::isDirectory)
                            .map(folder -> folder.getFileName().toString())
                            .toList())
                    .containsExactlyInAnyOrderElementsOf(names());
        }
        for (String name : names()) {
            Page page = PageSource.of(name).page();
            assertThat(page.expectations()).as(name).isNotEmpty();
            assertThat(page.claims()).as(name).isNotEmpty();
            assertThat(page.mode(true).seeds())
                    .as(name + ": seeds of a full run")
                    .isPositive();
            assertThat(DOCS.resolve(name + ".md"))
                    .content()
                    .contains(
                            "## What others found",
                            "## How we test it",
                            "## Expected",
                            "## Measured",
                            "## What it means",
                            "## Exercises",
                            "./rlhf4j lab " + name);
            assertThat(DOCS.resolve("README.md")).content().contains("](" + name + ".md)");
        }
    }
}
