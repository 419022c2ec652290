package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.Guice;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The column {@code margin} of pairs, as TRL's reward trainer takes it. */
class MarginTest {
    @TempDir
    Path folder;

    private final Datasets datasets = Guice.createInjector(new DatasetsModule()).getInstance(Datasets.class);

    @Test
    void isReadWithThePairAndGoesWithItAsARanking() throws IOException {
        DatasetSpec spec = file("pairs.jsonl", """
                {"prompt": "p", "chosen": "a", "rejected": "b", "margin": 0.1}
                {"prompt": "q", "chosen": "c", "rejected": "d", "margin": null}
                {"prompt": "r", "chosen": "e", "rejected": "f", "margin": -3}
                """);

        try (RecordSet<PreferencePair> pairs = datasets.open(spec, PreferencePair.class, 1);
                RecordSet<Ranking> rankings = datasets.open(spec, Ranking.class, 1)) {
            assertThat(pairs.stream().map(PreferencePair::margin))
                    .containsExactly(OptionalDouble.of(0.1), OptionalDouble.empty(), OptionalDouble.of(-3));
            assertThat(rankings.stream().map(Ranking::margin))
                    .containsExactly(OptionalDouble.of(0.1), OptionalDouble.empty(), OptionalDouble.of(-3));
        }
    }

    @Test
    void isReadFromTextsToo() throws IOException {
        DatasetSpec spec = file("pairs.csv", "prompt,chosen,rejected,margin\np,a,b,1.5\nq,c,d,\n");

        try (RecordSet<Ranking> rankings = datasets.open(spec, Ranking.class, 1)) {
            assertThat(rankings.stream().map(Ranking::margin))
                    .containsExactly(OptionalDouble.of(1.5), OptionalDouble.empty());
        }
    }

    @Test
    void mustBeANumberOfTwoResponses() throws IOException {
        DatasetSpec words = file(
                "words.jsonl", "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\", \"margin\": \"wide\"}\n");
        DatasetSpec three = file(
                "three.jsonl",
                "{\"prompt\": \"p\", \"responses\": [\"a\", \"b\", \"c\"], \"ranks\": [1, 2, 3], \"margin\": 1}\n");

        assertThatThrownBy(() -> datasets.open(words, PreferencePair.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("words.jsonl line 1: \"margin\" must be a number")
                .hasMessageContaining("but is \"wide\"");
        assertThatThrownBy(() -> datasets.open(three, Ranking.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("\"margin\" is of two responses, but here are 3");
    }

    private DatasetSpec file(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
        return DatasetSpec.of(folder.resolve(name).toString());
    }
}
