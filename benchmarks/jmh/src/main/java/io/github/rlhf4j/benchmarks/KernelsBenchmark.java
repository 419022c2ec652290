package io.github.rlhf4j.benchmarks;

import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.cli.bench.KernelCalls;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The calls of {@code bench kernels}, at the shapes of a Llama of 5.8 million parameters. {@code -p call=attention,norm} chooses. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelsBenchmark {
    @Param({
        "gate and up", "gate and up: inputs' gradient", "gate and up: weights' gradient", "attention", "attention's gradient", "rotation", "norm", "norm's gradient",
        "gated unit", "gated unit's gradient", "log-probs and gradient", "AdamW", "decode head (1)", "decode head (16)", "decode attention (16 x 256)"
    })
    public String call = "";

    @Param("2")
    public int threads;

    private CpuKernels kernels;
    private KernelCalls calls;
    private Runnable work;

    @Setup
    public void open() {
        kernels = new CpuKernels(threads);
        calls = new KernelCalls(ModelConfig.llama(4096, 256, 688, 6, 8, 8, 512, true), kernels);
        work = Objects.requireNonNull(calls.calls().get(call), call);
    }

    @Benchmark
    public void run() {
        work.run();
    }

    @TearDown
    public void close() {
        calls.close();
        kernels.close();
    }
}
