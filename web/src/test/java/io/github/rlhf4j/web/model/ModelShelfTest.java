package io.github.rlhf4j.web.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelShelfTest {
    @TempDir
    Path root;

    private final Rlhf4j engine = Rlhf4j.builder().threads(1).build();

    @AfterEach
    void end() {
        engine.close();
    }

    private ModelChoice model(String name, long seed) {
        return new ModelChoice(TinyModel.llama().seed(seed).write(root.resolve(name)), Optional.empty());
    }

    private static String write(ModelShelf shelf, ModelChoice choice) {
        return shelf.use(choice, model -> model.generate("Once"));
    }

    /** Bytes that one such model fits in, and two do not. */
    private long roomForOne(ModelChoice choice) {
        try (ModelShelf shelf = new ModelShelf(() -> engine, OptionalLong.empty())) {
            write(shelf, choice);
            return shelf.json().get(0).path("bytes").asLong() * 3 / 2;
        }
    }

    @Test
    void loadsAModelOnceAndAgainWhenItsFilesHaveChanged() throws IOException {
        try (ModelShelf shelf = new ModelShelf(() -> engine, OptionalLong.empty())) {
            ModelChoice choice = model("a", 1);
            LanguageModel first = shelf.use(choice, model -> model);
            LanguageModel again = shelf.use(choice, model -> model);
            assertThat(again).isSameAs(first);
            String before = write(shelf, choice);
            TinyModel.llama().seed(2).write(root.resolve("b"));
            Files.copy(
                    root.resolve("b/model.safetensors"),
                    root.resolve("a/model.safetensors"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(
                    root.resolve("a/model.safetensors"),
                    FileTime.from(Instant.now().plusSeconds(5)));
            assertThat(write(shelf, choice)).isNotEqualTo(before);
        }
    }

    @Test
    void refusesAModelThatDoesNotFitBeforeItIsLoaded() {
        try (ModelShelf shelf = new ModelShelf(() -> engine, OptionalLong.of(1_000))) {
            ModelChoice choice = model("a", 1);
            assertThatThrownBy(() -> write(shelf, choice))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("choose a smaller model");
            assertThat(shelf.json()).isEmpty();
        }
    }

    @Test
    void givesBackTheModelUsedLongestAgoWhereBothDoNotFit() {
        ModelChoice first = model("a", 1);
        ModelChoice second = model("b", 2);
        try (ModelShelf shelf = new ModelShelf(() -> engine, OptionalLong.of(roomForOne(first)))) {
            write(shelf, first);
            write(shelf, second);
            assertThat(shelf.json()).hasSize(1);
            assertThat(shelf.json().get(0).path("model").asText()).endsWith("b");
            shelf.giveBack();
            assertThat(shelf.json()).isEmpty();
        }
    }

    @Test
    void doesNotTakeAModelFromWhoeverWorksWithIt() {
        ModelChoice first = model("a", 1);
        ModelChoice second = model("b", 2);
        try (ModelShelf shelf = new ModelShelf(() -> engine, OptionalLong.of(roomForOne(first)))) {
            shelf.use(first, model -> {
                shelf.giveBack();
                assertThatThrownBy(() -> shelf.use(second, other -> 0)).isInstanceOf(UserError.class);
                return model.generate("Once");
            });
            assertThat(shelf.json()).hasSize(1);
        }
    }

    @Test
    void findsModelsAndAdaptersBelowAFolder() throws IOException {
        model("run/sft/model", 1);
        model("plain", 2);
        Files.createDirectories(root.resolve("run/dpo/checkpoints/step-1"));
        Files.writeString(root.resolve("run/dpo/checkpoints/step-1/config.json"), "{}");
        Files.writeString(root.resolve("small.gguf"), "");
        Files.writeString(root.resolve("note.txt"), "");
        ModelList list = ModelList.below(root);
        assertThat(list.models())
                .containsExactly(root.resolve("plain"), root.resolve("run/sft"), root.resolve("small.gguf"));
        assertThat(list.adapters()).isEmpty();
    }
}
