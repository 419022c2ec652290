package io.github.rlhf4j.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page with a damaged file is checked, or refused in few words. */
class DamagedPageTest {
    private static final Path EXAMPLE = Path.of("../docs/examples/page");
    private static final String[] FILES = {"page.yaml", "run.yaml"};

    @TempDir
    Path folder;

    private void check(Rlhf4j engine, Path page) {
        PageSource source = PageSource.of(page.toString());
        Page read = source.page();
        Page.Mode mode = read.mode(false);
        new LabRun(source, read, mode, "quick", folder.resolve("out"), engine, Console.SILENT, StopRequest.NEVER)
                .check();
    }

    private void damage(Rlhf4j engine, int file) throws IOException {
        String[] texts = new String[FILES.length];
        for (int i = 0; i < FILES.length; i++) {
            texts[i] = Files.readString(EXAMPLE.resolve(FILES[i]))
                    .replace("com.example.Temperatures", "io.github.rlhf4j.lab.pages.Sampling");
        }
        Path page = Files.createDirectories(folder.resolve("page"));
        for (byte[] damaged : DamagedInputs.of(FILES[file], Form.TEXT, texts[file].getBytes(StandardCharsets.UTF_8))) {
            for (int i = 0; i < FILES.length; i++) {
                Files.writeString(page.resolve(FILES[i]), texts[i]);
            }
            Files.write(page.resolve(FILES[file]), damaged);
            String shown = new String(damaged, StandardCharsets.UTF_8);
            try {
                check(engine, page);
            } catch (UserError e) {
                assertThat(e.getMessage()).as(shown).doesNotContain("Exception");
                assertThat(String.valueOf(e.getMessage()).lines().mapToInt(String::length))
                        .as(shown)
                        .allMatch(length -> length < 8000); // a terminal shows 2,000
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(shown, e);
            }
        }
    }

    private String refusal(byte[] text) throws IOException {
        Path page = Files.createDirectories(folder.resolve("refused"));
        Files.write(page.resolve("page.yaml"), text);
        try {
            PageSource.of(page.toString()).page();
            return "";
        } catch (UserError e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void whatIsNoPageIsSaid() throws IOException {
        String begin = "title: t\nquestion: q\nexpectations: [e]\n";
        assertThat(refusal(begin.getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(refusal((begin + "title: u\n").getBytes(StandardCharsets.UTF_8)))
                .contains("duplicate key title");
        assertThat(refusal((begin + "base: {settings: {a: &a [*a]}}\n").getBytes(StandardCharsets.UTF_8)))
                .contains("page.yaml is not a page: ");
        assertThat(refusal((begin + "run: \u00e9\n").getBytes(StandardCharsets.ISO_8859_1)))
                .contains("must be text in UTF-8");
    }

    @Test
    void isCheckedOrRefused() throws IOException {
        try (Rlhf4j engine = Rlhf4j.builder().console(Console.SILENT).build()) {
            damage(engine, 0);
            damage(engine, 1);
        }
    }
}
