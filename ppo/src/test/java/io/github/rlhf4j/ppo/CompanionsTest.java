package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.generation.ScoringTokens;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reward, value and reference models that do not read the policy's tokens are refused before a run, but for reward models that read texts, or where they are made in it when the stage starts. */
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
    void aRewardModelOfAnotherTokenizerReadsTexts() throws IOException {
        ModelReference reward = toy.model("foreign", Head.SCALAR, 3, others, 96);

        check(ToyPpo.rewardedBy(config(), known(reward)));
        PpoConfig config = ToyPpo.rewardedBy(toy.config(2), reward); // not known before
        StageOutput output = toy.output("texts", config);

        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(reward.directory());
                Transformer model = Transformer.load(
                        reward.directory(), Set.of(Head.SCALAR), new ReferenceKernels(DataType.FLOAT))) {
            for (JsonNode sample : output.samples()) {
                String text =
                        sample.path("prompt").asText() + sample.path("response").asText();
                int[] ids = sample.path("ended").asBoolean()
                        ? new ScoringTokens(tokenizer).joint(text, "")
                        : tokenizer.encode(text, true);
                new Scorer(model)
                        .score(
                                List.of(new Scorer.Sequence("it", ids)).iterator(),
                                scored -> assertThat(sample.path("score").asDouble())
                                        .isCloseTo(scored.score(), within(1e-5)));
            }
        }
        assertThat(toy.output("again", config).weights()).isEqualTo(output.weights());
        assertThat(output.directory().resolve("value_model")).isDirectory(); // of the policy's tokens
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
