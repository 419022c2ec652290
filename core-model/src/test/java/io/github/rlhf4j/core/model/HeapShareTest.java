package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapShareTest {
    @Test
    void aQuarterIsForOneCopyAndAHalfForAll() {
        HeapShare share = new HeapShare(100);
        assertThat(share.take(26)).isFalse();
        assertThat(share.take(25)).isTrue();
        assertThat(share.take(20)).isTrue();
        assertThat(share.take(6)).isFalse();
        assertThat(share.take(5)).isTrue();
        share.giveBack(20);
        assertThat(share.take(20)).isTrue();
        assertThat(share.take(1)).isFalse();
    }
}
