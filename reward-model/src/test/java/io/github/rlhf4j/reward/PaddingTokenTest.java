package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.testing.FakeTokenizer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PaddingTokenTest {
    private static final List<String> GPT2 = List.of("!", "\u0114", "a", "<|endoftext|>");
    private static final List<String> SMOLLM2_BASE =
            List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<empty_output>", "a", "\u0114");

    @Test
    void isWhatTheTokenizerPadsWithOrTheConfigNames() {
        FakeTokenizer tokenizer = new FakeTokenizer(List.of("<s>", "</s>", "<pad>", "a"), Set.of(0, 1, 2))
                .eos(1)
                .bos(0);

        assertThat(PaddingToken.of(tokenizer.pad(2), OptionalInt.of(3), 4)).hasValue(new PaddingToken(2, "<pad>"));
        assertThat(PaddingToken.of(tokenizer.pad(1), OptionalInt.of(3), 4)).hasValue(new PaddingToken(3, "a"));
        assertThat(PaddingToken.of(tokenizer.pad(1), OptionalInt.of(1), 4)).hasValue(new PaddingToken(0, "<s>"));
    }

    @Test
    void isAByteThatNoTextHasWhereTheEndTokenIsTheOnlySpecialOne() { // transformers' gpt2: bos = eos = unk
        FakeTokenizer tokenizer =
                new FakeTokenizer(GPT2, Set.of(3)).eos(3).bos(3).unk(3);

        assertThat(PaddingToken.of(tokenizer, OptionalInt.of(3), 4)).hasValue(new PaddingToken(1, "\u0114"));
        assertThat(PaddingToken.of(tokenizer, OptionalInt.empty(), 64)).hasValue(new PaddingToken(4, "<|pad|>"));
    }

    @Test
    void isASpecialTokenThatNoTemplateWritesWhereThereAreSome() { // SmolLM2's base: bos = eos = unk = 0
        FakeTokenizer tokenizer = new FakeTokenizer(SMOLLM2_BASE, Set.of(0, 1, 2, 3, 4))
                .eos(0)
                .bos(0)
                .unk(0);

        assertThat(PaddingToken.of(tokenizer, OptionalInt.of(0), 7)).hasValue(new PaddingToken(4, "<empty_output>"));
        assertThat(PaddingToken.of(
                        tokenizer.template("<|im_start|>{{ x }}<|im_end|><empty_output>"), OptionalInt.of(0), 7))
                .hasValue(new PaddingToken(3, "<repo_name>"));
        assertThat(PaddingToken.of(tokenizer.stops(0, 4), OptionalInt.of(0), 7))
                .hasValue(new PaddingToken(3, "<repo_name>"));
    }

    @Test
    void prefersTokensForPaddingAndReservedOnes() {
        FakeTokenizer llama3 = new FakeTokenizer(
                        List.of("<|eot|>", "<|right_pad_id|>", "<|reserved_0|>", "<|role|>"), Set.of(0, 1, 2, 3))
                .eos(0);

        assertThat(PaddingToken.of(llama3, OptionalInt.empty(), 4)).hasValue(new PaddingToken(1, "<|right_pad_id|>"));
        assertThat(PaddingToken.of(llama3.stops(0, 1), OptionalInt.empty(), 4))
                .hasValue(new PaddingToken(2, "<|reserved_0|>"));
    }

    @Test
    void isNoneWhereEveryTokenEndsTextsOrNeedsARow() {
        assertThat(PaddingToken.of(new FakeTokenizer(List.of("a", "<eos>"), Set.of(1)).eos(1), OptionalInt.of(1), 2))
                .isEmpty();
    }
}
