package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a training step and generation cost, without a clock: floating-point operations, bytes and calls. Who makes them cost more has to say so here. */
class WorkOfAStepTest {
    private static final int HIDDEN = 32;
    private static final int WIDE = 96;
    private static final int LAYERS = 3;
    private static final int VOCABULARY = 64;
    private static final int ROWS = 4 * 19; // the last token of 20 feeds nothing
    private static final int TARGETS = 4 * 12;
    private static final int PRODUCTS =
            12 * LAYERS + 3 + 3; // of each of 4 weights, the head and the last queries: forward, inputs', weights'

    private static Transformer model(KernelMeter meter) {
        ModelConfig config = ModelConfig.llama(VOCABULARY, HIDDEN, WIDE, LAYERS, 4, 2, 64, true);
        return Transformer.create(config, EnumSet.of(Head.LANGUAGE), meter.kernels(), CounterRandom.of(1));
    }

    @Test
    void aStepOfSftComputesWhatItNeedsAndNothingTwice() {
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            step(meter, List.of(sequences(0, 4)), 0);
            assertThat(meter.flops()).isEqualTo(3 * forwardProducts() + attention());
            assertThat(products(meter)).isEqualTo(PRODUCTS);
            assertThat(meter.calls())
                    .isEqualTo(105 + 5); // the pass; norm and AdamW of two runs of weights, zeroing of one
            assertThat(meter.bytes()).isEqualTo(5_102_864);
        }
    }

    @Test
    void aLossThatIsKnownBehindTheForwardPassOnlyTakesNoMoreProducts() {
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            step(meter, List.of(sequences(0, 4)), 0, new SquaredLogProbs());
            assertThat(meter.flops()).isEqualTo(3 * forwardProducts() + attention());
            assertThat(products(meter)).isEqualTo(PRODUCTS);
            assertThat(meter.calls()).isEqualTo(105 + 5 + 1); // statistics of the logits, and then their gradients
        }
    }

    /** Minus half of the sum of squares of the targets' log-probabilities. */
    private static final class SquaredLogProbs implements Objective<List<TokenSequence>> {
        @Override
        public List<TokenSequence> layout(List<TokenSequence> example) {
            return example;
        }

        @Override
        public Set<Column> statistics() {
            return Set.of(Column.LOG_PROB);
        }

        @Override
        public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
            for (int sequence = 0; sequence < batch.sequences(0); sequence++) {
                SequenceOutputs outputs = batch.sequence(0, sequence);
                for (int j = 0; j < outputs.targets(); j++) {
                    outputs.addLogProbGradient(j, -outputs.logProb(j));
                }
            }
        }
    }

    @Test
    void replicasComputeTheSameOperationsInMoreProducts() {
        long replicas = Math.max(1, Runtime.getRuntime().availableProcessors());
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            List<List<TokenSequence>> examples = examples(Math.toIntExact(replicas));
            step(meter, examples, ROWS * examples.size());
            assertThat(meter.flops()).isEqualTo(replicas * (3 * forwardProducts() + attention()));
            assertThat(products(meter)).isEqualTo(replicas * PRODUCTS);
            // each further replica's gradients are added; those of norms are zeroed before, matrices' are first written
            // by
            // products
            assertThat(meter.calls()).isEqualTo(105L * replicas + 5 + 3 * (replicas - 1));
        }
    }

    @Test
    void ofManyRowsEachWeightIsTransposedOnceWhereProductsAreFasterThen() {
        int replicas = Math.max(1, Runtime.getRuntime().availableProcessors());
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            List<List<TokenSequence>> examples = examples(11 * replicas);
            step(meter, examples, ROWS * examples.size());
            int transposes = replicas > 1 && kernels.isFasterWithoutTransposes() ? 4 * LAYERS + 1 : 0;
            assertThat(calls(meter, "transpose")).isEqualTo(transposes);
        }
    }

    private static long calls(KernelMeter meter, String kind) {
        KernelMeter.Tally tally = meter.tallies().get(kind);
        return tally == null ? 0 : tally.calls();
    }

    private static List<List<TokenSequence>> examples(int count) {
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (int example = 0; example < count; example++) {
            examples.add(sequences(4 * example, 4));
        }
        return examples;
    }

    private static List<TokenSequence> sequences(int from, int count) {
        List<TokenSequence> sequences = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            int[] ids = new int[20];
            Arrays.fill(ids, i % VOCABULARY);
            sequences.add(TokenSequence.completion(ids, 8));
        }
        return sequences;
    }

    private static void step(KernelMeter meter, List<List<TokenSequence>> examples, int microBatchTokens) {
        step(meter, examples, microBatchTokens, new NextTokenLoss(-1));
    }

    private static void step(
            KernelMeter meter,
            List<List<TokenSequence>> examples,
            int microBatchTokens,
            Objective<List<TokenSequence>> objective) {
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, microBatchTokens, false, 0);
        try (Transformer model = model(meter);
                ModelTrainer trainer = new ModelTrainer(
                        model, 1e-3, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1))) {
            meter.reset();
            trainer.optimize(List.of(WeightedObjective.of(examples, objective)));
        }
    }

    /** Of the products of the forward pass; backward takes twice as many. Behind the last attention, and of its queries, only rows with a target count. */
    private static double forwardProducts() {
        return products(ROWS, TARGETS);
    }

    /** @param last rows that count behind the last attention */
    private static double products(int rows, int last) {
        double query = 2.0 * HIDDEN * HIDDEN;
        double keyValue = 2.0 * HIDDEN * HIDDEN;
        double rest = 2.0 * HIDDEN * HIDDEN + 2.0 * 3 * HIDDEN * WIDE;
        return LAYERS * rows * keyValue
                + ((LAYERS - 1) * rows + last) * (query + rest)
                + 2.0 * last * HIDDEN * VOCABULARY;
    }

    private static double attention() {
        double pairs = 4 * (19 * 20 / 2);
        double last = 4 * (19 * 20 / 2 - 7 * 8 / 2); // the first 7 rows have no target
        return ((LAYERS - 1) * pairs + last) * HIDDEN * (4 + 8); // forward two products, backward four
    }

    private static long products(KernelMeter meter) {
        return meter.tallies().values().stream()
                .filter(KernelMeter.Tally::product)
                .mapToLong(KernelMeter.Tally::calls)
                .sum();
    }

    @Test
    void aGeneratedTokenReadsEachWeightOnce() {
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            try (Transformer model = model(meter);
                    Generator generator = new Generator(model)) {
                Work first = generate(meter, generator, 10);
                Work ten = generate(meter, generator, 10);
                assertThat(first.calls() - ten.calls()).isEqualTo(4 * LAYERS + 1); // weights are packed once
                Work twenty = generate(meter, generator, 20);
                double aToken = 2.0 * (model.parameters().count() - (2 * LAYERS + 1) * HIDDEN);
                double positions = 10 * 3 + (10 + 19) * 10 / 2.0; // seen by the tokens fed at steps 10 .. 19
                assertThat(twenty.flops() - ten.flops()).isEqualTo(10 * aToken + LAYERS * 4.0 * HIDDEN * positions);
                // of a layer: 4 products, 2 norms, rotation, attention, gate; around them: embedding, norm, head,
                // exponentials
                assertThat(twenty.calls() - ten.calls()).isEqualTo(10 * (9 * LAYERS + 4));
                assertThat(twenty.products() - ten.products()).isEqualTo(10 * (4 * LAYERS + 1));
            }
        }
    }

    @Test
    void aPromptIsComputedWholeUpToTheLastLayersKeysAndValuesAndBehindThemForItsLastTokenOnly() {
        try (CpuKernels kernels = new CpuKernels(2)) {
            KernelMeter meter = new KernelMeter(kernels);
            try (Transformer model = model(meter);
                    Generator generator = new Generator(model)) {
                int tokens = 3;
                double pairs = tokens * (tokens + 1) / 2.0;
                double queries = (tokens - 1) * 2.0 * HIDDEN * HIDDEN; // with their keys and values, in one product
                double attention = 4.0 * HIDDEN * ((LAYERS - 1) * pairs + tokens);
                assertThat(generate(meter, generator, 1).flops()).isEqualTo(products(tokens, 1) + queries + attention);
            }
        }
    }

    private record Work(double flops, long calls, long products) {}

    private static Work generate(KernelMeter meter, Generator generator, int newTokens) {
        List<GenerationRequest> requests = List.of(new GenerationRequest(new int[] {1, 2, 3}, 1, CounterRandom.of(1)));
        meter.reset();
        generator.generate(
                requests, SamplingOptions.sampling(1, newTokens, new int[0]).ignoringStops());
        return new Work(meter.flops(), meter.calls(), products(meter));
    }
}
