package io.github.rlhf4j.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class BestOfNChartTest {
    private static String figure(String curve) throws JsonProcessingException {
        return BestOfNChart.figure(new ObjectMapper().readTree(curve));
    }

    @Test
    void accuracyIsOverItsOwnPrompts() throws JsonProcessingException {
        String chart = figure("""
                {"points": [{"n": 2, "prompts": 6, "reward": 0.5, "accuracy_prompts": 4, "accuracy": 0.25}]}
                """);

        assertThat(chart).containsPattern("n = 2: 0.50*, n = 6<").containsPattern("n = 2: 0.250*, n = 4<");
    }

    @Test
    void aRewardThatHasChosenNothingHasNoChart() throws JsonProcessingException {
        String chart = figure("""
                {"points": [{"n": 2, "prompts": 6, "reward": 0.5}], "by": {"mute": [{"n": 2, "prompts": 0}],
                 "loud": [{"n": 2, "prompts": 3, "accuracy": 1}]}}
                """);

        assertThat(chart)
                .contains("by loud alone")
                .containsPattern("n = 2: 1[.0]*, n = 3<")
                .doesNotContain("mute");
    }
}
