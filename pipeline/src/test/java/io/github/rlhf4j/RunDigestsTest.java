package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.run.FolderLock;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which stages depend on the run's seed though they have one of their own, and folders that are held. */
class RunDigestsTest {
    @TempDir
    private Path folder;

    private final Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build();

    @AfterEach
    void close() {
        rlhf4j.close();
    }

    private boolean dependsOnTheRunsSeed(String type, Map<String, ?> keys, Object dataset) {
        return !digest(type, keys, dataset, 1).equals(digest(type, keys, dataset, 2));
    }

    private String digest(String type, Map<String, ?> keys, Object dataset, long runSeed) {
        Path model = TinyModel.llama().write(folder.resolve("model"));
        Map<String, String> digests = rlhf4j.newRun(folder.resolve("run"))
                .seed(runSeed)
                .stage(type)
                .model(model)
                .set("seed", 5)
                .set("dataset", dataset)
                .set(keys)
                .plan()
                .digests();
        return Objects.requireNonNull(digests.get(type));
    }

    @Test
    void aStageThatReadsFilesAloneDoesNot() {
        String pairs = TinyData.PAIRS.write(folder).path();
        String prompts = TinyData.PROMPTS.write(folder).path();

        assertThat(dependsOnTheRunsSeed("dpo", Map.of("max_length", 64), pairs)).isFalse();
        assertThat(dependsOnTheRunsSeed(
                        "best_of_n",
                        Map.of(
                                "reward_function",
                                "length",
                                "max_new_tokens",
                                4,
                                "structured_outputs",
                                Map.of("regex", "yes:no")), // no source, though it looks like one
                        prompts))
                .isFalse();
    }

    @Test
    void aStageWithMadeUpDataOrAJudgeThatKnowsTheWorldDoes() {
        assertThat(dependsOnTheRunsSeed("dpo", Map.of("max_length", 64), "synthetic:preferences"))
                .isTrue();
        assertThat(dependsOnTheRunsSeed(
                        "dpo", Map.of("max_length", 64), Map.of("path", "synthetic:preferences", "limit", 4)))
                .isTrue();
        assertThat(dependsOnTheRunsSeed(
                        "judge",
                        Map.of(
                                "max_new_tokens", 4,
                                "max_prompt_length", 32,
                                "judge", Map.of("synthetic", Map.of("error_rate", 0.1))),
                        TinyData.PROMPTS.write(folder).path()))
                .isTrue();
    }

    @Test
    void aFolderIsHeldByOneUntilItIsClosed() throws IOException {
        FolderLock first = FolderLock.take(folder, ".lock", "experiment");

        assertThatThrownBy(() -> FolderLock.take(folder, ".lock", "experiment"))
                .isInstanceOf(UserError.class)
                .hasMessage("another experiment of this process is working in " + folder
                        + "; wait for it, or give this experiment another name: name=...");
        FolderLock.take(folder, ".other", "run").close();
        first.close();
        FolderLock.take(folder, ".lock", "experiment").close();
    }

    @Test
    void aFolderInThePlaceOfALockIsNamed() throws IOException {
        Files.createDirectory(folder.resolve(".lock"));

        assertThatThrownBy(() -> FolderLock.take(folder, ".lock", "run"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder.resolve(".lock") + " is a folder");
    }
}
