package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.testing.SpoiledCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores, values and log-probs that are not finite: the rows are named before one of them makes all of an iteration so. */
class WrongNumbersTest {
    @TempDir
    private Path folder;

    private ToyPpo toy;

    @BeforeEach
    void makeModelAndPrompts() throws IOException {
        toy = new ToyPpo(folder);
    }

    private PpoConfig config(OnNonfinite onNonfinite) {
        return Records.with(ToyPpo.saving(toy.config(4), 1), "onNonfinite", onNonfinite, "canarySteps", 2L);
    }

    /** Makes a number of the second response wrong, in the second call. */
    private static Function<Kernels, Cluster> breaking(String work, double number) {
        AtomicInteger calls = new AtomicInteger();
        return kernels -> new SpoiledCluster(kernels, (name, result) -> {
            if (name.equals(work) && calls.incrementAndGet() == 2) {
                BatchScorer.Scored one = (BatchScorer.Scored) ((List<?>) ((List<?>) result).get(1)).get(0);
                double[] numbers = one.scalars().length > 0 ? one.scalars() : one.logProbs();
                Arrays.fill(numbers, 0, 1, number);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "reference log-probs, NaN, ref_log_probs[0] is NaN for the response",
        "values, Infinity, values[0] is Infinity for the response",
        "values, 1e300, gradient norm" // finite as a double, as a gradient not
    })
    void aNumberOfOneResponseNamesItsRowAndCanBeSkipped(String work, double number, String said) throws IOException {
        toy.computeOn(breaking(work, number));
        assertThatThrownBy(() -> toy.run("stop", config(OnNonfinite.STOP)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(said)
                .hasMessageContaining("nonfinite/step-2");
        String rows = Files.readString(folder.resolve("stop/nonfinite/step-2/rows.jsonl"));
        assertThat(rows).contains("\"line\":");
        assertThat(folder.resolve("stop/checkpoints/step-1")).exists();
        assertThat(folder.resolve("stop/checkpoints/step-2")).doesNotExist();

        toy.computeOn(breaking(work, number));
        List<String> lines = toy.run("skip", config(OnNonfinite.SKIP));
        assertThat(lines.get(1)).contains("\"nonfinite_steps\":1").doesNotContain("loss");
        assertThat(lines.get(3)).contains("\"nonfinite_steps\":1").contains("loss");
    }

    @Test
    void aRowBeforeTheUpdateIsNamedAlone() {
        toy.computeOn(breaking("reference log-probs", Double.NaN));
        assertThatThrownBy(() -> toy.run("stop", config(OnNonfinite.STOP)))
                .hasMessageContaining("; from ")
                .hasMessageNotContaining("its rows are");
    }

    @Test
    void aScoreThatIsNoNumberNamesItsRow() {
        PpoConfig config = Records.with(config(OnNonfinite.STOP), "rewardFunction", Optional.of("undefined"));
        assertThatThrownBy(() -> toy.run("stop", config))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_function undefined must return finite scores")
                .hasMessageContaining("prompts.jsonl:");
    }
}
