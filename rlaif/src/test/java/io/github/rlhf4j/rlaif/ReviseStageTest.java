package io.github.rlhf4j.rlaif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.judge.OpenAiConfig;
import io.github.rlhf4j.judge.SyntheticConfig;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.world.WorldModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stage on a random model, with critics of every kind. */
class ReviseStageTest {
    private static final Steps EVERY_STEP =
            new Steps(5, 1, CheckpointConfig.every(1).keeping(1));

    @TempDir
    private Path folder;

    private StageHarness harness;

    @BeforeEach
    void makeModel() {
        harness = new StageHarness(folder, new RlaifModule(), new WorldModule());
        harness.model("policy", TinyModel.llama().context(512));
    }

    private RevisionConfigBuilder config() {
        return RevisionConfig.builder(harness.model("policy"), harness.data(TinyData.PROMPTS))
                .answers(AnswerConfig.of(10))
                .steps(EVERY_STEP);
    }

    private static RecordSet<PromptCompletion> rows(StageOutput output) {
        return Datasets.ofFiles()
                .open(DatasetSpec.of(output.directory().resolve("data").toString()), PromptCompletion.class, 0);
    }

    @Test
    void leavesTheRevisedAnswersAsDemonstrations() {
        try (FaultyServer server = ShortReplies.server()) {
            RevisionConfig config = config().critic(CriticConfig.of(OpenAiConfig.of(server.url("/v1"), "short")))
                    .constitution(List.of(Principle.of("Be short.")))
                    .build();
            StageOutput output = harness.run("revise", ReviseStage.class, config);
            try (RecordSet<PromptCompletion> rows = rows(output)) {
                assertThat(rows.size()).isEqualTo(12);
                assertThat(((Content.Text) rows.get(0).completion()).text().strip())
                        .isEqualTo("It is so.");
            }
            assertThat(server.requests()).hasSize(24);
            JsonNode last = server.requests().get(23).path("messages");
            assertThat(last).hasSize(5);
            assertThat(last.path(0).path("role").asText()).isEqualTo("user");
            assertThat(last.path(3).path("content").asText()).isEqualTo("Too many words.");
            assertThat(last.path(4).path("content").asText())
                    .contains("rewrite")
                    .endsWith("Be short.");
            JsonNode sample = output.samples().get(0);
            assertThat(sample.path("critiques").path(0).asText()).isEqualTo("Too many words.");
            assertThat(harness.instance(ReviseStage.class).dataFormat(config)).contains("prompt_completion");
        }
    }

    @Test
    void theModelRevisesItsOwnAnswersAndAResumedStageLeavesTheSameRows() throws IOException {
        RevisionConfig config = config().numRevisions(2).maxCritiqueTokens(8).build();
        StageOutput unbroken = harness.run("unbroken", ReviseStage.class, config);
        harness.killAfter(2, "broken", ReviseStage.class, config);
        StageOutput resumed = harness.resume("broken", ReviseStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(Files.readString(resumed.directory().resolve("data/revisions.jsonl")))
                .isEqualTo(Files.readString(unbroken.directory().resolve("data/revisions.jsonl")));
        assertThat(unbroken.samples().get(0).path("critiques")).hasSize(2);
        assertThat(unbroken.summary().path("metrics").path("revised").asDouble())
                .isGreaterThan(0.5);
    }

    @Test
    void whoKnowsTheTruthRevisesWhatItDoesNotOverlook() {
        DatasetSpec prompts = DatasetSpec.of("synthetic:prompts").withLimit(60);
        RevisionConfig config = RevisionConfig.builder(harness.model("policy"), prompts)
                .answers(AnswerConfig.of(8))
                .critic(CriticConfig.of(SyntheticConfig.of(0.25)))
                .build();
        JsonNode metrics =
                harness.run("revise", ReviseStage.class, config).summary().path("metrics");

        assertThat(metrics.path("revised").asDouble()).isBetween(0.6, 0.9);
        assertThat(metrics.path("hidden_utility_revised").asDouble())
                .isGreaterThan(metrics.path("hidden_utility").asDouble() + 0.6);
    }

    @Test
    void workersMakeItsTokens() throws IOException {
        DatasetSpec prompts = DatasetSpec.of("synthetic:prompts").withLimit(1_100); // more than one chunk
        RevisionConfig config = RevisionConfig.builder(harness.model("policy"), prompts)
                .answers(AnswerConfig.of(2))
                .critic(CriticConfig.of(SyntheticConfig.of(0.25)))
                .steps(new Steps(550, 1, CheckpointConfig.every(1).keeping(1)))
                .build();
        List<String> jobs = new ArrayList<>();
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2).noting(jobs));
        StageOutput there = harness.run("there", ReviseStage.class, config);
        assertThat(jobs).filteredOn("tokens"::equals).hasSize(1);

        AtomicFiles.delete(folder.resolve("cache"));
        harness.computeOn(InProcessCluster::new);
        StageOutput here = harness.run("here", ReviseStage.class, config);
        assertThat(there.directory().resolve("data/revisions.jsonl"))
                .hasSameBinaryContentAs(here.directory().resolve("data/revisions.jsonl"));
    }

    @Test
    void aKeyThatDoesNothingIsRefused() {
        assertThatThrownBy(() -> config().critic(CriticConfig.of(SyntheticConfig.of(0)))
                        .constitution(List.of(Principle.of("Be kind.")))
                        .build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("constitution");
        assertThatThrownBy(() -> config().numRevisions(0).build()).hasMessageStartingWith("num_revisions");
        assertThatThrownBy(() -> new CriticConfig(
                        Optional.of(OpenAiConfig.of("http://localhost", "m")),
                        Optional.of(LocalConfig.of(harness.model("policy"))),
                        Optional.empty()))
                .hasMessageStartingWith("openai");
    }
}
