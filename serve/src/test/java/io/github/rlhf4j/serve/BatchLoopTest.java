package io.github.rlhf4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.ContinuousBatch;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.LiveListener;
import io.github.rlhf4j.core.generation.LiveRequest;
import io.github.rlhf4j.core.generation.LogitChanges;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.testing.TinyModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchLoopTest {
    /** Breaks the batch with its first token. */
    private static final class Breaking implements LiveListener {
        private final CompletableFuture<RuntimeException> failed = new CompletableFuture<>();

        @Override
        public void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens top) {
            throw new IllegalStateException("a mistake of this test");
        }

        @Override
        public void onFinished(int sample, FinishReason reason) {}

        @Override
        public void onFailed(RuntimeException failure) {
            failed.complete(failure);
        }

        @Override
        public boolean isUnwanted() {
            return false;
        }
    }

    private static LiveRequest request(LiveListener listener) {
        return new LiveRequest(
                new GenerationRequest(new int[] {1, 2}, 1, CounterRandom.of(1)),
                SamplingOptions.greedy(4, new int[0]),
                LogitChanges.NONE,
                false,
                false,
                listener);
    }

    @Test
    void aFailureEndsAllRequestsAndTakesNoMore() throws Exception {
        Breaking first = new Breaking();
        Breaking second = new Breaking();
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = TinyModel.llama().create(kernels);
                BatchLoop loop = new BatchLoop(new ContinuousBatch(model, new GenerationLimits(4, 8 << 20, 256)))) {
            assertThat(loop.add(List.of(request(first), request(second)))).isFalse(); // not begun
            loop.start();
            assertThat(loop.add(List.of(request(first), request(second)))).isTrue();
            for (Breaking each : List.of(first, second)) {
                assertThat(each.failed.get(20, TimeUnit.SECONDS))
                        .hasMessage("the server cannot compute any more")
                        .hasRootCauseMessage("a mistake of this test");
            }
            assertThat(loop.add(List.of(request(new Breaking())))).isFalse();
        }
    }
}
