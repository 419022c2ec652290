package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.report.StageMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of which stages give which metrics, beside the documentation and what the golden runs have given. */
class StageMetricsTest {
    @Test
    void aMetricOfAStagesPageIsOneThatTheStageMayGive() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String type : InitCommand.KINDS) {
            Path page = Path.of("../docs/algorithms/" + type + ".md");
            if (Files.exists(page)) {
                String text = Files.readString(page);
                String metrics = text.substring(text.indexOf("## Metrics"));
                metrics.lines()
                        .skip(1)
                        .takeWhile(line -> !line.startsWith("## "))
                        .filter(line -> line.startsWith("| "))
                        .flatMap(line -> List.of(line.split("\\|")[1].strip().split(", ")).stream())
                        .filter(metric -> !StageMetrics.mayGive(type, metric))
                        .forEach(metric -> wrong.add(type + ": " + metric));
            }
        }
        wrong.removeIf(line -> line.startsWith("evaluate: ")); // whose metrics are of models

        assertThat(wrong).isEmpty();
        assertThat(StageMetrics.mayGive("sft", "objective/kl")).isFalse();
        assertThat(StageMetrics.mayGive("sft", "eval_loss")).isTrue();
        assertThat(StageMetrics.mayGive("dpo", "eval_short_rewards/margins")).isTrue();
    }

    @Test
    void everyMetricOfTheGoldenRunsIsOneThatItsStageMayGive() throws IOException {
        Path folder = Path.of("src/test/resources/io/github/rlhf4j/cli/trajectories");
        JsonNode stages = EffectiveConfig.read(folder.resolve("run.yaml"))
                .entries()
                .json()
                .path("stages");
        JsonNode expected =
                new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        List<String> wrong = new ArrayList<>();
        stages.properties().forEach(stage -> {
            String type = stage.getValue().path("type").asText();
            expected.path(stage.getKey())
                    .findParents("step")
                    .forEach(line -> line.fieldNames().forEachRemaining(metric -> {
                        if (!metric.equals("step") && !StageMetrics.mayGive(type, metric)) {
                            wrong.add(type + ": " + metric);
                        }
                    }));
        });

        assertThat(wrong).isEmpty();
    }
}
