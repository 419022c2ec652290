package io.github.rlhf4j.ppo;

import io.github.rlhf4j.rollout.ImportanceWeights;
import io.github.rlhf4j.rollout.KlEstimator;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rewards, advantages, losses and gradients of TRL 1.12's steps on padded batches; the fixture's header names generator and versions. */
class PpoTrlTest {
    private static final Golden TRL =
            new Golden("ppo: rewards, advantages, losses, gradients of TRL 1.12, double", 1e-12);

    @AfterAll
    static void report() throws IOException {
        TRL.report();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTrl(String line) {
        Case fixture = Case.of(line);
        double[] options = fixture.get("options");
        List<Experience> responses = new ArrayList<>();
        List<PolicyOutputs> predictions = new ArrayList<>();
        for (int i = 0; i < fixture.responses(); i++) {
            responses.add(rollOut(fixture, i, options));
            predictions.add(new PolicyOutputs(
                    fixture.tokens("new", i), fixture.tokens("entropies", i), fixture.positions("vnew", i)));
        }
        PpoLoss loss = new PpoLoss(
                PolicyLoss.symmetric(options[3]), new ValueLoss(options[4]), options[5], options[6], Aggregation.TOKEN);

        PpoGradient gradient = loss.evaluate(responses, predictions);

        PpoStatistics statistics = gradient.statistics();
        TRL.compare(
                "results",
                new double[] {
                    gradient.loss(),
                    statistics.policyLoss(),
                    statistics.valueLoss(),
                    statistics.clipFraction(),
                    statistics.valueClipFraction(),
                    statistics.approxKl(),
                    statistics.meanRatio(),
                    statistics.meanEntropy()
                },
                fixture.get("results"));
        for (int i = 0; i < fixture.responses(); i++) {
            TokenGradients tokens = gradient.gradients().get(i);
            TRL.compare("dlogprobs", tokens.dLogProbs(), fixture.tokens("dlogprobs", i));
            TRL.compare("dentropies", tokens.dEntropies(), fixture.tokens("dentropies", i));
            TRL.compare("dvalues", tokens.dValues(), fixture.positions("dvalues", i));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void importanceWeightsAreTrls(String line) {
        Case fixture = Case.of(line);
        double[] options = fixture.get("options");
        List<Experience> responses = new ArrayList<>();
        List<PolicyOutputs> predictions = new ArrayList<>();
        for (int i = 0; i < fixture.responses(); i++) {
            double[] importance = ImportanceWeights.of(
                    fixture.tokens("logprobs", i), fixture.tokens("sampling", i), fixture.get("clip_max")[0]);
            TRL.compare("weights", importance, fixture.tokens("weights", i));
            responses.add(Records.with(rollOut(fixture, i, options), "importance", importance));
            predictions.add(new PolicyOutputs(
                    fixture.tokens("new", i), fixture.tokens("entropies", i), fixture.positions("vnew", i)));
        }
        PpoLoss loss = new PpoLoss(
                PolicyLoss.symmetric(options[3]), new ValueLoss(options[4]), options[5], 0, Aggregation.TOKEN);

        PpoGradient gradient = loss.evaluatePolicy(responses, predictions, MiniBatchSize.of(responses));

        TRL.compare("weighted_loss", new double[] {gradient.loss()}, fixture.get("weighted_loss"));
        for (int i = 0; i < fixture.responses(); i++) {
            TRL.compare(
                    "weighted_dlogprobs",
                    gradient.gradients().get(i).dLogProbs(),
                    fixture.tokens("weighted_dlogprobs", i));
        }
    }

    static Stream<String> cases() throws IOException {
        return Files.readAllLines(Golden.fixture("ppo-minibatch.tsv")).stream().filter(line -> !line.startsWith("#"));
    }

    private static Experience rollOut(Case fixture, int i, double[] options) {
        double[] logProbs = fixture.tokens("logprobs", i);
        double[] values = fixture.positions("values", i);
        double[] rewards = fixture.shaping()
                .rewards(logProbs, fixture.tokens("ref", i), fixture.get("scores")[i], options[2], (int)
                        fixture.get("response_length")[0]);
        TRL.compare("rewards", rewards, fixture.positions("rewards", i));
        AdvantageEstimate estimate = new GeneralizedAdvantage(options[0], options[1]).estimate(rewards, values);
        double[] advantages = Arrays.copyOf(estimate.advantages(), logProbs.length);
        TRL.compare("advantages", advantages, fixture.tokens("advantages", i));
        TRL.compare("returns", estimate.returns(), fixture.positions("returns", i));
        return Numbers.experience(logProbs, advantages, values, estimate.returns());
    }

    /** One line of the fixture. */
    private record Case(Map<String, double[]> fields) {
        static Case of(String line) {
            Map<String, double[]> fields = new LinkedHashMap<>();
            for (String field : line.split("\t", -1)) {
                int equals = field.indexOf('=');
                fields.put(
                        field.substring(0, equals),
                        Stream.of(field.substring(equals + 1).split(",", -1))
                                .mapToDouble(Double::parseDouble)
                                .toArray());
            }
            return new Case(fields);
        }

        double[] get(String name) {
            return Objects.requireNonNull(fields.get(name));
        }

        int responses() {
            return get("lengths").length;
        }

        RewardShaping shaping() {
            RewardPlacement placement = get("after_end")[0] == 1 ? RewardPlacement.AFTER_END : RewardPlacement.END;
            return new RewardShaping(KlEstimator.K1, placement, 0);
        }

        /** The numbers of response {@code index} in a field with one number a token. */
        double[] tokens(String name, int index) {
            int from = 0;
            for (int i = 0; i < index; i++) {
                from += (int) get("lengths")[i];
            }
            return Arrays.copyOfRange(get(name), from, from + (int) get("lengths")[index]);
        }

        /** The same in a field with one number a position that has a reward. */
        double[] positions(String name, int index) {
            int from = 0;
            for (int i = 0; i < index; i++) {
                from += positions(i);
            }
            return Arrays.copyOfRange(get(name), from, from + positions(index));
        }

        private int positions(int index) {
            return shaping().positions((int) get("lengths")[index], (int) get("response_length")[0]);
        }
    }
}
