package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code inspect} says of a corpus with addresses. */
class InspectCorpusTest {
    @TempDir
    private Path folder;

    private Path corpus;
    private String out = "";
    private String err = "";

    @BeforeEach
    void write() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            rows.append(
                    "{\"text\": \"The house number %d stands beside the river and it is very old, as everybody knows.\", \"url\": \"https://www.nytimes.com/%s/%d\"}\n"
                            .formatted(i, i % 2 == 0 ? "news" : "shop", i));
        }
        for (int i = 0; i < 2; i++) {
            rows.append(
                    "{\"text\": \"Das Haus Nummer %d steht am Fluss und ist wirklich sehr alt, wie alle wissen.\", \"url\": \"http://haus.example/%d\"}\n"
                            .formatted(i, i));
        }
        corpus = Files.writeString(folder.resolve("corpus.jsonl"), rows);
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.run(
                arguments,
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void showsLanguagesAndDomainsBesideThoseOfTheWeb() {
        assertThat(execute("inspect", corpus.toString())).as(err).isZero();

        assertThat(out.lines())
                .contains(
                        "               English     80.0 here, 45.3, 44.6, 44.3 there",
                        "               German      20.0 here, 5.5, 5.6, 5.8 there",
                        "               missing here: Russian, Chinese, Japanese, Spanish, French",
                        "domains        2; nytimes.com 80.0 %, haus.example 20.0 %");
        assertThat(out)
                .contains(
                        "C4's largest   1 of 24 are here: nytimes.com 80.0 %; missing: patents.google.com, en.wikipedia.org")
                .contains("near ones      ")
                .doesNotContain("\"url\"");
    }

    @Test
    void showsWhatRobotsTakeAway() throws IOException {
        Path robots = Files.writeString(folder.resolve("robots.jsonl"), """
                {"domain": "nytimes.com", "robots": "User-agent: GPTBot\\nDisallow: /\\nUser-agent: CCBot\\nDisallow: /shop"}
                """);
        assertThat(execute(
                        "inspect", corpus.toString(), "--robots", robots.toString(), "--agent", "GPTBot,CCBot,Other"))
                .as(err)
                .isZero();

        assertThat(out.lines())
                .contains(
                        "GPTBot         may not fetch 80.0 % of the rows; 1 domains vanish: nytimes.com 80.0 %; languages: English 80.0 to 0.0 %, German 20.0 to 100.0 %",
                        "CCBot          may not fetch 40.0 % of the rows; languages: English 80.0 to 66.7 %, German 20.0 to 33.3 %",
                        "Other          may not fetch 0.0 % of the rows");
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        Path plain = Files.writeString(folder.resolve("plain.jsonl"), "{\"text\": \"a b c\"}\n");

        assertThat(execute("inspect", plain.toString(), "--robots", corpus.toString()))
                .isEqualTo(2);
        assertThat(execute("inspect", corpus.toString(), "--agent", "GPTBot")).isEqualTo(2);
        assertThat(err).contains("--agent does nothing without --robots");
        Path robots =
                Files.writeString(folder.resolve("robots.jsonl"), "{\"domain\": \"a.example\", \"robots\": \"\"}\n");
        assertThat(execute("inspect", plain.toString(), "--robots", robots.toString()))
                .isEqualTo(2);
        assertThat(err).contains("--robots needs rows with an address");
    }
}
