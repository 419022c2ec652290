package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reward, value and reference models that do not read the policy's tokens are refused before a run, or where they are made in it when the stage starts. */
class CompanionsTest {
    @TempDir
    private Path folder;

    private ToyPpo toy;
    private BpeTokenizerFiles others;

    @BeforeEach
    void models() throws IOException {
        toy = new ToyPpo(folder);
        others = BpeTrainer.train(List.of("quick brown foxes jump").iterator(), 259, List.of());
    }

    private static ModelReference known(ModelReference model) {
        return new ModelReference(model.given(), model.directory(), Optional.of(ModelOutline.of(model.directory())));
    }

    private PpoConfig config() {
        PpoConfig config = toy.config(1);
        return Records.with(config, "model", known(config.model()));
    }

    private void check(PpoConfig config) {
        toy.stage().check(config);
    }

    @Test
    void modelsOfTheSameTokenizerAndContextPass() throws IOException {
        ModelReference reward = known(toy.reference("reward"));
        PpoConfig config = ToyPpo.rewardedBy(config(), reward);

        assertThatCode(() -> check(Records.with(config, "valueModel", Optional.of(reward))))
                .doesNotThrowAnyException();
    }

    @Test
    void aRewardModelOfAnotherTokenizerIsRefused() throws IOException {
        ModelReference reward = toy.model("foreign", Head.SCALAR, 3, others, 96);

        assertThatThrownBy(() -> check(ToyPpo.rewardedBy(config(), known(reward))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "reward_model foreign and model policy must have the same tokenizer and vocabulary, but id");
        assertThatThrownBy(() -> toy.run("x", ToyPpo.rewardedBy(toy.config(1), reward))) // not known before
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_model foreign and model policy must have the same tokenizer");
    }

    @Test
    void aRewardModelWithoutATokenizerNeedsEnoughRows() throws IOException {
        ModelReference reward = toy.model("bare", Head.SCALAR, 3, others, 96); // 256 bytes and fewer merges
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.deleteIfExists(reward.directory().resolve(file));
        }

        assertThatThrownBy(() -> check(ToyPpo.rewardedBy(config(), reward)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("its vocabulary has");
    }

    @Test
    void aValueModelWithTooShortAContextIsRefused() throws IOException {
        ModelReference value = toy.model("short", Head.SCALAR, 3, toy.tokenizer(), 40);

        assertThatThrownBy(() -> check(Records.with(config(), "valueModel", Optional.of(known(value)))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("value_model short must have a context of at least 96 tokens")
                .hasMessageContaining("but has 40");
        assertThatCode(() ->
                        check(Records.with(config(), "valueModel", Optional.of(known(value)), "maxPromptLength", 28)))
                .doesNotThrowAnyException();
    }

    @Test
    void aReferenceOfAnotherTokenizerIsRefused() throws IOException {
        ModelReference reference = toy.model("foreign", Head.LANGUAGE, 3, others, 96);

        assertThatThrownBy(() -> check(Records.with(config(), "refModel", Optional.of(known(reference)))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ref_model foreign and model policy");
    }

    @Test
    void aStopTokenMustBeOneOfTheModels() {
        assertThatThrownBy(() -> check(Records.with(config(), "stopTokenId", Optional.of(100_000))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("stop_token_id must be one of the model's");
    }
}
