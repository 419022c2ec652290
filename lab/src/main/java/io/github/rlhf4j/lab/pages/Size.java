package io.github.rlhf4j.lab.pages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.github.rlhf4j.cli.bench.StepBench;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Settings;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.plan.MemoryHere;
import io.github.rlhf4j.plan.Plan;
import io.github.rlhf4j.plan.PlanOptions;
import io.github.rlhf4j.plan.PlanSubject;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;

/** What {@code plan} says of models of several sizes beside what training steps of them take on this machine; and what it says of the course's models. */
public final class Size implements Measure {
    private static final int HEAD_DIM = 32;
    private static final double MEGA = 1e6;
    private static final double BILLION = 1e9;
    private static final double GIGA = 1e9;

    @Override
    public void measure(Subject subject) {
        Settings settings = subject.settings();
        for (double hidden : settings.numbers("hidden")) {
            subject.checkStop();
            subject.add(Map.of("hidden", (int) hidden), step(subject, model((int) hidden, settings)));
        }
    }

    private static ModelConfig model(int hidden, Settings settings) {
        int heads = hidden / HEAD_DIM;
        int inner = 8 * hidden / 3 / HEAD_DIM * HEAD_DIM;
        return ModelConfig.llama(
                settings.count("vocabulary"),
                hidden,
                inner,
                settings.count("layers"),
                heads,
                heads,
                settings.count("length"),
                true);
    }

    /** Memory is what is allocated outside the JVM's heap: resident memory would hide what is taken from what an earlier model has left in the process. */
    private static Map<String, Double> step(Subject subject, ModelConfig config) {
        Settings settings = subject.settings();
        int batch = settings.count("batch");
        int length = settings.count("length");
        ObjectNode plan =
                Plan.of(PlanSubject.of("size", config), PlanOptions.DEFAULT).json();
        MemoryHere predicted = MemoryHere.of(
                config,
                Optional.empty(),
                WeightType.FLOAT32,
                false,
                (long) batch * length,
                length,
                0,
                Runtime.getRuntime().availableProcessors());
        double flops = plan.at("/flops_per_token/forward_backward").asDouble() * batch * length;
        Kernels kernels = subject.engine().kernels();
        long before = Pointer.totalBytes();
        StepBench bench = new StepBench(batch, length, 1, false, 0);
        try (Transformer model =
                        Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(subject.seed()));
                ModelTrainer trainer = bench.trainer(model)) {
            Time time = Time.median(bench.work(model, trainer), settings.count("steps"));
            double taken = Pointer.totalBytes() - before;
            double expected = predicted.total() - predicted.program();
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("parameters_million", plan.at("/parameters/total").asDouble() / MEGA);
            metrics.put("gflop", flops / GIGA);
            metrics.put("seconds", time.seconds);
            metrics.put("processor_seconds", time.processorSeconds);
            metrics.put("gflop_per_second", flops / GIGA / time.seconds);
            metrics.put("gflop_per_processor_second", flops / GIGA / time.processorSeconds);
            metrics.put("predicted_mb", expected / MEGA);
            metrics.put("measured_mb", taken / MEGA);
            metrics.put("measured_to_predicted", taken / expected);
            return metrics;
        }
    }

    /**
     * Of a step: by the clock, and by the time that the program's threads had processors. The second does not see what else the machine does, and leaves out the JVM's own threads.
     */
    private record Time(double seconds, double processorSeconds) {
        private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        /** Medians of the steps after the first two, which the JVM still compiles. */
        static Time median(Runnable step, int steps) {
            double[] seconds = new double[steps];
            double[] processorSeconds = new double[steps];
            for (int i = -2; i < steps; i++) {
                long start = System.nanoTime();
                long processorStart = processorNanos();
                step.run();
                if (i >= 0) {
                    seconds[i] = (System.nanoTime() - start) / 1e9;
                    processorSeconds[i] = (processorNanos() - processorStart) / 1e9;
                }
            }
            Arrays.sort(seconds);
            Arrays.sort(processorSeconds);
            return new Time(seconds[steps / 2], processorSeconds[steps / 2]);
        }

        private static long processorNanos() {
            return LongStream.of(THREADS.getThreadCpuTime(THREADS.getAllThreadIds()))
                    .filter(nanos -> nanos > 0) // -1 of a thread that has ended
                    .sum();
        }
    }

    /** The course's table. */
    @Override
    public void conclude(Findings findings) {
        for (String name : findings.settings().texts("models")) {
            ObjectNode plan = Plan.of(PlanSubject.named(name, List.of()), PlanOptions.DEFAULT)
                    .json();
            findings.add(
                    Map.of("model", name),
                    Map.of(
                            "billion_parameters",
                            plan.at("/parameters/total").asDouble() / BILLION,
                            "billion_active",
                            plan.at("/parameters/active").asDouble() / BILLION,
                            "billion_chinchilla_tokens",
                            plan.at("/chinchilla/tokens").asDouble() / BILLION,
                            "gb_to_train",
                            plan.at("/memory/train/total").asDouble() / GIGA,
                            "gb_to_serve",
                            plan.at("/memory/serve/total/bfloat16").asDouble() / GIGA,
                            "kv_kb_per_token",
                            plan.at("/memory/serve/kv_bytes_per_token").asDouble() / 1e3));
        }
    }
}
