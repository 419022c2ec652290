package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.model.LoraVariant;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.SavedModules;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.wire.Blob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks, models and results as bytes, on workers of their own: what comes back is what this process computes, to the bit. */
class DistributedClusterTest {
    private static final CpuKernels KERNELS = new CpuKernels(2, 2);
    private static final SamplingOptions SAMPLING = SamplingOptions.sampling(0.8, 12, new int[] {2});

    @AfterAll
    static void close() {
        KERNELS.close();
    }

    private static Transformer model() {
        return Transformer.create(
                ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true),
                Set.of(Head.LANGUAGE, Head.SCALAR),
                KERNELS,
                CounterRandom.of(3));
    }

    private static Cluster threads(int workers) {
        return new DistributedCluster(KERNELS, new ThreadsBackend(workers, 1, 2), 2 * workers, true);
    }

    private static List<GenerationRequest> requests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            requests.add(new GenerationRequest(new int[] {1, 5 + i, 3}, 1 + i % 3, CounterRandom.of(i)));
        }
        return requests;
    }

    /** All numbers that texts and scores are made of. */
    private static String computed(SharedModel shared) {
        StringBuilder all = new StringBuilder();
        for (Generated text : shared.generate("texts", requests(), SAMPLING.withTopLogProbs(2))) {
            all.append(text.request()).append(text.sample()).append(text.finishReason());
            for (int t = 0; t < text.ids().length; t++) {
                all.append(' ').append(text.ids()[t]).append(Double.toHexString(text.logProbs()[t]));
                all.append(Float.toHexString(text.top().get(t).logProbs()[1]));
            }
        }
        List<List<TokenSequence>> groups = requests().stream()
                .map(request -> List.of(TokenSequence.all(new int[] {1, request.promptIds()[1], 5, 6})
                        .withValuesOfTargets()))
                .toList();
        shared.score("scores", groups, 2, 0.7, 0)
                .forEach(group -> group.forEach(scored -> {
                    for (int t = 0; t < scored.logProbs().length; t++) {
                        all.append(' ').append(Double.toHexString(scored.logProbs()[t]));
                        all.append(Double.toHexString(scored.scalars()[t]));
                    }
                }));
        return all.toString();
    }

    private static String computed(Cluster cluster, Transformer model) {
        try (SharedModel shared = cluster.share("policy", model)) {
            return computed(shared);
        }
    }

    private static void requireSame(Transformer model) {
        try (Cluster here = new InProcessCluster(KERNELS);
                Cluster there = threads(2)) {
            assertThat(computed(there, model)).isEqualTo(computed(here, model));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anyNumberOfWorkersComputesTheSameBits(int workers) {
        try (Transformer model = model();
                Cluster here = new InProcessCluster(KERNELS);
                Cluster there = threads(workers)) {
            assertThat(computed(there, model)).isEqualTo(computed(here, model));
        }
    }

    @Test
    void weightsThatChangedAreSentAgainEvenWhereNobodySaysSo() {
        try (Transformer model = model();
                Cluster here = new InProcessCluster(KERNELS);
                Cluster there = threads(2);
                SharedModel shared = there.share("policy", model)) {
            String before = computed(shared);
            model.embedding().set(5, 3, 1.25);

            assertThat(computed(shared)).isNotEqualTo(before).isEqualTo(computed(here, model));
            shared.changed();
            assertThat(computed(shared)).isEqualTo(computed(here, model));
        }
    }

    @Test
    void adaptersOfEveryKindTravelOnAndOff() {
        for (LoraVariant variant : List.of(
                new LoraVariant(0, false, LoraInit.TRUE),
                new LoraVariant(0, true, LoraInit.GAUSSIAN),
                new LoraVariant(0, false, LoraInit.PISSA))) {
            try (Transformer model = model();
                    Cluster here = new InProcessCluster(KERNELS);
                    Cluster there = threads(1);
                    SharedModel shared = there.share("policy", model)) {
                model.addAdapter(
                        new LoraConfig(
                                2,
                                4,
                                true,
                                Optional.of(TargetModules.all()),
                                variant,
                                new SavedModules(List.of("score"), false)),
                        CounterRandom.of(5));
                model.trained().all().forEach(parameter -> parameter.value().set(0, 0, 0.5));
                String on = computed(shared);
                assertThat(on).isEqualTo(computed(here, model));

                model.useAdapter(false);
                assertThat(computed(shared)).isNotEqualTo(on).isEqualTo(computed(here, model));

                model.useAdapter(true);
                model.trained().all().forEach(parameter -> parameter.value().set(0, 0, -0.5));
                assertThat(computed(shared)).isNotEqualTo(on).isEqualTo(computed(here, model));
            }
        }
    }

    @Test
    void theOrderOfGenerationTravels() {
        try (Transformer model = model()) {
            model.computeAsGenerated();
            requireSame(model);
        }
    }

    @Test
    void weightsInFewerBitsTravelAsTheyAre(@TempDir Path folder) {
        try (Transformer model = model()) {
            model.save(folder, Optional.empty());
        }
        for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            try (Transformer model = Transformer.load(
                    folder, Set.of(Head.LANGUAGE, Head.SCALAR), KERNELS, Optional.of(CounterRandom.of(1)), type)) {
                requireSame(model);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64, 300})
    void scoresAreCutAtTheBordersOfMicroBatchesWhichChangesNoBit(int microBatchTokens) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int[] ids = new int[3 + 17 * i % 61];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = (5 * i + 3 * t + t * t) % 40;
            }
            groups.add(List.of(TokenSequence.all(ids).withValuesOfTargets()));
        }
        List<List<List<TokenSequence>>> sets = List.of(groups, groups.subList(0, 7), groups.subList(3, 4), List.of());
        try (Transformer model = model();
                Cluster here = new InProcessCluster(KERNELS);
                Cluster there = threads(2);
                SharedModel near = here.share("policy", model);
                SharedModel far = there.share("policy", model)) {
            for (List<List<TokenSequence>> set : sets) {
                assertThat(numbers(far.score("scores", set, 0.9, microBatchTokens)))
                        .isEqualTo(numbers(near.score("scores", set, 0.9, microBatchTokens)));
            }
        }
    }

    private static List<String> numbers(List<List<BatchScorer.Scored>> scores) {
        return scores.stream()
                .map(group -> Arrays.toString(group.get(0).logProbs())
                        + Arrays.toString(group.get(0).scalars()))
                .toList();
    }

    @Test
    void aDamagedResultIsComputedAgain() {
        try (Transformer model = model();
                Cluster here = new InProcessCluster(KERNELS);
                Damaging backend = new Damaging(new ThreadsBackend(2, 1, 2), 2);
                Cluster there = new DistributedCluster(KERNELS, backend, 4, false)) {
            assertThat(computed(there, model)).isEqualTo(computed(here, model));
            assertThat(backend.damaged).isEqualTo(2);
        }
    }

    @Test
    void resultsThatAreAlwaysDamagedAreALine() {
        try (Transformer model = model();
                Damaging backend = new Damaging(new ThreadsBackend(1, 1, 2), 100);
                Cluster there = new DistributedCluster(KERNELS, backend, 4, false)) {
            assertThatThrownBy(() -> computed(there, model))
                    .isInstanceOf(UserError.class)
                    .hasMessage("texts: the result of piece 2 of 4 arrived damaged 4 times; look at network and memory"
                            + " of the workers, then continue with --resume");
        }
    }

    @Test
    void theUsersMistakeOnAWorkerIsTheSameLine() {
        try (Transformer model = model();
                Cluster here = new InProcessCluster(KERNELS);
                Cluster there = threads(1)) {
            List<GenerationRequest> tooLarge =
                    List.of(new GenerationRequest(new int[] {1, 40}, 1, CounterRandom.of(1)));
            List<String> messages = new ArrayList<>();
            for (Cluster cluster : List.of(here, there)) {
                try (SharedModel shared = cluster.share("policy", model)) {
                    assertThatThrownBy(() -> shared.generate("texts", tooLarge, SAMPLING))
                            .isInstanceOf(UserError.class)
                            .satisfies(thrown -> messages.add(thrown.getMessage()));
                }
            }
            assertThat(messages.get(0)).isEqualTo(messages.get(1));
        }
    }

    /** Flips a bit in the results of second pieces, so many times. */
    private static final class Damaging implements Backend {
        private final Backend of;
        private final int times;
        private int damaged;

        private Damaging(Backend of, int times) {
            this.of = of;
            this.times = times;
        }

        @Override
        public List<byte[]> run(Work work, LongConsumer progress) {
            List<byte[]> results = of.run(work, progress);
            if (damaged < times) {
                byte[] result = results.get(Math.min(1, results.size() - 1));
                result[result.length / 2] ^= 4;
                damaged++;
            }
            return results;
        }

        @Override
        public int workers() {
            return of.workers();
        }

        @Override
        public void forget(Blob blob) {
            of.forget(blob);
        }

        @Override
        public String description() {
            return of.description();
        }

        @Override
        public void close() {
            of.close();
        }
    }
}
