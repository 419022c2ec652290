package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.dpo.PreferenceLosses.CPO_ALPHA;
import static io.github.rlhf4j.dpo.PreferenceLosses.DISCOPOP_TAU;
import static io.github.rlhf4j.dpo.PreferenceLosses.F_DIVERGENCE_TYPE;
import static io.github.rlhf4j.dpo.PreferenceLosses.LABEL_SMOOTHING;
import static io.github.rlhf4j.dpo.PreferenceLosses.SIMPO_GAMMA;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and gradients of TRL 1.16's own code in double precision; the fixture's header names generator and versions. */
class PreferenceLossTrlTest {
    private static final double RELATIVE = 1e-10;

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTrl(String line) {
        String[] columns = line.split("\t", -1);
        List<PairLogProbs> batch = batch(numbers(columns[2]), numbers(columns[3]), numbers(columns[4]));
        double[] gradient = numbers(columns[6]);

        PreferenceGradient actual = loss(columns[0], options(columns[1])).evaluate(batch);

        assertThat(actual.loss()).isCloseTo(Double.parseDouble(columns[5]), near(Double.parseDouble(columns[5])));
        for (int i = 0; i < batch.size(); i++) {
            assertThat(actual.dChosen(i)).isCloseTo(gradient[i], near(gradient[i]));
            double rejected = gradient[batch.size() + i];
            assertThat(actual.dRejected(i)).isCloseTo(rejected, near(rejected));
        }
    }

    static Stream<String> cases() throws IOException {
        InputStream file =
                Objects.requireNonNull(PreferenceLossTrlTest.class.getResourceAsStream("preference-losses.tsv"));
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(file, UTF_8))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList().stream();
        }
    }

    private static PreferenceLoss loss(String names, LossOptions options) {
        if (!names.contains("+")) {
            return Pairs.loss(names, options);
        }
        List<PreferenceLoss> losses = new ArrayList<>();
        for (String name : names.split("\\+", -1)) {
            losses.add(Pairs.loss(name, options));
        }
        return PreferenceLosses.mixture(losses, List.of(0.8, 0.2, 1.0));
    }

    private static LossOptions options(String text) {
        Map<String, String> given = new HashMap<>();
        for (String option : text.split(" ", -1)) {
            given.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        return LossOptions.of(Double.parseDouble(given.getOrDefault("beta", "0.1")))
                .with(LABEL_SMOOTHING, Double.parseDouble(given.getOrDefault("label_smoothing", "0")))
                .with(F_DIVERGENCE_TYPE, given.getOrDefault("f_divergence_type", "reverse_kl"))
                .with(SIMPO_GAMMA, Double.parseDouble(given.getOrDefault("simpo_gamma", "0")))
                .with(CPO_ALPHA, Double.parseDouble(given.getOrDefault("cpo_alpha", "0")))
                .with(DISCOPOP_TAU, Double.parseDouble(given.getOrDefault("discopop_tau", "0.05")));
    }

    private static List<PairLogProbs> batch(double[] lengths, double[] policy, double[] reference) {
        int pairs = lengths.length / 2;
        List<PairLogProbs> batch = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            batch.add(new PairLogProbs(
                    policy[i], policy[pairs + i], reference[i], reference[pairs + i], (int) lengths[i], (int)
                            lengths[pairs + i]));
        }
        return batch;
    }

    private static double[] numbers(String text) {
        return Stream.of(text.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
    }

    private static org.assertj.core.data.Offset<Double> near(double expected) {
        return within(RELATIVE * Math.abs(expected) + 1e-14);
    }
}
