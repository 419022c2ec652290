package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.stage.StageContext;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the checks at a run's start let pass and what they do not. */
class SelfChecksTest {
    private static final String AGREE = "sampler and trainer agree";
    private static final String RATIO = "the first ratio is 1";
    private static final String KL = "KL to the reference is 0";
    private static final String SCORES = "scores do not depend on the batch";

    /** Two tokens whose log-probs differ from the sampler's by {@code difference}. */
    private static Map<String, Boolean> check(double difference, double kl, double temperature, boolean exact) {
        Map<String, Boolean> passed = new LinkedHashMap<>();
        StageContext context = (StageContext) Proxy.newProxyInstance(
                StageContext.class.getClassLoader(),
                new Class<?>[] {StageContext.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("trainsInFloat32")) {
                        return true;
                    }
                    passed.put((String) arguments[0], (Boolean) arguments[1]);
                    return null;
                });
        PpoStatistics before =
                new PpoStatistics(0, 0, 0, 2, 0, 0, 0, 2 * difference, 2 * Math.exp(difference), 0, 0, difference);
        RolloutMetrics metrics = new RolloutMetrics(1, kl, 0, 0, 0, 1);
        new SelfChecks(context, rollouts -> new double[0], true, temperature, exact, false)
                .check(List.of(), metrics, before);
        return passed;
    }

    @Test
    void aDifferenceOfRoundingPassesAndALargerOneDoesNot() {
        assertThat(check(5e-6, 0, 1, false)).containsEntry(AGREE, true).containsEntry(RATIO, true);
        assertThat(check(5e-4, 0, 1, false)).containsEntry(AGREE, false).containsEntry(RATIO, false);
        assertThat(check(5e-6, 0, 1, false)).containsEntry(KL, true).containsEntry(SCORES, true);
        assertThat(check(5e-6, 1, 1, false)).containsEntry(KL, false);
    }

    @Test
    void aLowTemperatureMagnifiesWhatIsAllowed() {
        assertThat(check(5e-5, 0, 0.1, false)).containsEntry(AGREE, true).containsEntry(RATIO, true);
        assertThat(check(5e-4, 0, 0.1, false)).containsEntry(AGREE, true).containsEntry(RATIO, false);
        assertThat(check(5e-4, 0, 10, false)).containsEntry(AGREE, false);
    }

    @Test
    void exactMeansNoDifference() {
        assertThat(check(0, 0, 1, true))
                .containsEntry(AGREE, true)
                .containsEntry(RATIO, true)
                .containsEntry(KL, true);
        assertThat(check(1e-9, 0, 1, true)).containsEntry(AGREE, false).containsEntry(RATIO, false);
    }
}
