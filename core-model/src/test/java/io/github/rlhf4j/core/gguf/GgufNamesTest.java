package io.github.rlhf4j.core.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufNamesTest {
    private static final GgufNames NAMES = GgufNames.of("llama").orElseThrow();

    @Test
    void aTensorHasANameInEither() {
        assertThat(NAMES.ours("blk.3.attn_q.weight", -1)).contains("model.layers.3.self_attn.q_proj.weight");
        assertThat(NAMES.ours("token_embd.weight", -1)).contains("model.embed_tokens.weight");
    }

    /** Jazzer found the one without a dot, which ended in an internal failure. */
    @ParameterizedTest
    @ValueSource(strings = {"", "weight", "blk", "blk.", ".weight", "blk.x.attn_q.weight", "blk.123456.attn_q.weight"})
    void whatIsNoNameHasNone(String theirs) {
        assertThat(NAMES.ours(theirs, -1)).isEmpty();
    }
}
