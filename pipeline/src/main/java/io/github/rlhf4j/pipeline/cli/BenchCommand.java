package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench}: how fast this machine multiplies matrices, and how fast a model writes here. */
@Command(
        name = "bench",
        description = "Measure matrix products, and generation where a model is given; best of several runs.",
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private static final int[][] PRODUCTS = {{2048, 2048, 2048}, {1024, 576, 1536}, {1024, 256, 688}, {16, 576, 1536}};
    private static final int REPETITIONS = 7;

    private final Terminal terminal;

    @Option(names = "--model", paramLabel = "DIR", description = "Also measure generation with this model.")
    private Optional<Path> model = Optional.empty();

    @Mixin
    private Arithmetic arithmetic = new Arithmetic();

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        model.ifPresent(ModelDirectory::open); // a wrong path is known before anything is measured
        Kernels kernels = arithmetic.kernels(Assembly.create(), terminal);
        terminal.out().println(kernels.description());
        for (int[] shape : PRODUCTS) {
            product(kernels, shape[0], shape[1], shape[2]);
        }
        model.ifPresent(directory -> generation(kernels, directory));
        return 0;
    }

    private void product(Kernels kernels, int rows, int inner, int columns) {
        try (NativeMemory memory = new NativeMemory()) {
            Tensor x = memory.allocate(DataType.FLOAT, rows, inner);
            Tensor weight = memory.allocate(DataType.FLOAT, columns, inner);
            Tensor out = memory.allocate(DataType.FLOAT, rows, columns);
            double best = best(() -> kernels.matmul(out, x, false, weight, true, 1, 0));
            print(
                    "product %d x %d x %d: %.1f GFLOP/s",
                    rows, inner, columns, 2.0 * rows * inner * columns / best / 1e9);
        }
    }

    private void generation(Kernels kernels, Path directory) {
        try (OpenModel open = OpenModel.openLanguageModel(directory, kernels);
                Generator generator = new Generator(open.transformer())) {
            int length = Math.min(128, open.transformer().config().maxPositions() - 1);
            int[] start = {open.tokenizer().bosId().orElse(0)};
            SamplingOptions options = SamplingOptions.sampling(
                            1, length, open.tokenizer().stopIds())
                    .ignoringStops();
            for (int batch : new int[] {1, 16}) {
                List<GenerationRequest> requests = new ArrayList<>();
                for (int i = 0; i < batch; i++) {
                    requests.add(new GenerationRequest(start, 1, CounterRandom.of(i)));
                }
                double best = best(() -> generator.generate(requests, options));
                print("generation, batch %d, %d tokens: %.0f tokens/s", batch, length, batch * length / best);
            }
        }
    }

    /** Seconds of the fastest run. */
    private static double best(Runnable work) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    private void print(String format, Object... values) {
        terminal.out().println(String.format(Locale.ROOT, format, values));
    }
}
