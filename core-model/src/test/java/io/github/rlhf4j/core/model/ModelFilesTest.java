package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.tokenizer.SpecialTokenIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written about the ends of a text, as transformers' align_special_tokens (trainer_utils, 5.24) leaves it. */
class ModelFilesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private static ObjectNode json(String text) throws IOException {
        return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
    }

    private ModelFiles files(String config, Optional<ObjectNode> generation) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
        return new ModelFiles(HuggingFaceConfig.read(file), generation);
    }

    private static SpecialTokenIds ids(int bos, int eos) {
        return new SpecialTokenIds(OptionalInt.of(bos), OptionalInt.of(eos), OptionalInt.empty());
    }

    @Test
    void aNewModelHasTheTokenizersIdsInBothFiles() throws IOException {
        ModelFiles aligned = files("{}", Optional.empty()).alignedWith(ids(0, 1));
        assertThat(aligned.config().tree()).isEqualTo(json("{'bos_token_id': 0, 'eos_token_id': 1}"));
        assertThat(aligned.generation()).contains(json("{'bos_token_id': 0, 'eos_token_id': 1}"));
    }

    @Test
    void furtherEndTokensAndDefaultsOfSamplingStay() throws IOException {
        ObjectNode source = json("{'eos_token_id': [7, 8], 'bos_token_id': 3, 'top_p': 0.8}");
        ModelFiles same = files("{'eos_token_id': 7, 'bos_token_id': 3}", Optional.of(source))
                .alignedWith(ids(3, 7));
        assertThat(same.generation()).contains(source);
        assertThat(same.config().tree().path("eos_token_id").asInt()).isEqualTo(7);
        ModelFiles other = files("{'eos_token_id': 7, 'bos_token_id': 3}", Optional.of(source))
                .alignedWith(ids(3, 9));
        assertThat(other.generation()).contains(json("{'eos_token_id': [9, 7, 8], 'bos_token_id': 3, 'top_p': 0.8}"));
        assertThat(other.config().tree().path("eos_token_id").asInt()).isEqualTo(9);
    }

    @Test
    void anEndTokenOfConfigJsonAloneIsStillOne() throws IOException {
        ModelFiles aligned = files("{'eos_token_id': 5}", Optional.empty()).alignedWith(ids(0, 1));
        assertThat(aligned.generation()).contains(json("{'eos_token_id': [1, 5], 'bos_token_id': 0}"));
    }

    @Test
    void thePadTokenIsOnlyFilledInAndNeverInAClassifier() throws IOException {
        SpecialTokenIds ids = new SpecialTokenIds(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(4));
        assertThat(files("{}", Optional.empty()).alignedWith(ids).config().tokenId("pad_token_id"))
                .hasValue(4);
        assertThat(files("{'pad_token_id': 2}", Optional.empty())
                        .alignedWith(ids)
                        .config()
                        .tokenId("pad_token_id"))
                .hasValue(2);
        assertThat(files("{'architectures': ['LlamaForSequenceClassification']}", Optional.empty())
                        .alignedWith(ids)
                        .config()
                        .has("pad_token_id"))
                .isFalse();
    }
}
