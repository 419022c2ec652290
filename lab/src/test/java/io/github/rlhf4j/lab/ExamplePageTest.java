package io.github.rlhf4j.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import java.net.URISyntaxException;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of docs/examples/page, which docs/lab/adding.md shows: its class compiles, and it runs from its folder. */
class ExamplePageTest {
    private static final Path EXAMPLE = Path.of("../docs/examples/page");

    @Test
    void aPageOfAnybodysRunsFromItsFolder(@TempDir Path folder) throws URISyntaxException {
        Path classes = Path.of(ExamplePageTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                classes.toString(),
                                EXAMPLE.resolve("Temperatures.java").toString()))
                .isZero();
        PageSource source = PageSource.of(EXAMPLE.toString());
        Page page = source.page();
        try (Rlhf4j engine = Rlhf4j.create()) {
            LabRun run = new LabRun(
                    source, page, page.mode(false), "quick", folder, engine, Console.SILENT, StopRequest.NEVER);
            LabResults results = run.run();
            run.write(results);

            assertThat(results.groups()).hasSize(4);
            assertThat(results.verdicts()).extracting(Verdict::holds).containsExactly(true);
        }
        assertThat(folder.resolve("accuracy.svg")).exists();
    }
}
