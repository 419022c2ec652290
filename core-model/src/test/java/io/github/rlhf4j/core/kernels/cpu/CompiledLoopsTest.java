package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.kernels.conformance.Scenarios;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loops over vectors are small enough for the optimising compiler. In one that has more calls to inline than some limit the last ones' results are objects, in one process of ten or in all of them; the compiler's own log says how many it has.
 */
class CompiledLoopsTest {
    /** At 1,011 calls VectorMath.swiGluBackward failed in some processes, and LaneProducts, with 988, in none of a hundred. */
    private static final int MOST_CALLS = 1005;

    /** Methods that call a library, and loops that are compiled on their own. */
    private static final String WITHOUT_VECTORS = "(BfloatPlans|CompactPanelProduct)\\b.*";

    private static final Pattern TASK = Pattern.compile("<task .*?method='(\\S+) (\\S+) .*");

    /** Runs every kernel until it is compiled. */
    static final class EveryKernel {
        private EveryKernel() {}

        public static void main(String[] arguments) {
            List<KernelRun.Scenario> scenarios = Scenarios.all();
            try (CpuKernels kernels = new CpuKernels(2)) {
                for (int round = 0; round < 12; round++) {
                    scenarios.forEach(scenario -> KernelRun.results(kernels, scenario));
                    multiplyPanels(kernels);
                    multiplyCompactPanels(kernels);
                    roundToBfloat16();
                }
            }
        }

        /** What only products of oneDNN call, on processors that have them. */
        private static void roundToBfloat16() {
            float[] values = new float[1024];
            short[] rounded = new short[values.length];
            int[] pairs = new int[values.length / 2];
            for (int call = 0; call < 400; call++) {
                BfloatMatmul.toBfloat16(values, rounded, values.length);
                CompactLoops.round(values, 0, values.length);
                CompactLoops.toPairs(values, 0, values.length, pairs);
            }
        }

        /** One row and sixteen by bfloat16 panels, as on processors that do not multiply bfloat16. */
        private static void multiplyCompactPanels(CpuKernels kernels) {
            try (KernelRun run = new KernelRun(kernels);
                    Parallel one = new Parallel(1);
                    Workspace workspace = new Workspace();
                    CompactPanelProduct product = CompactPanelProduct.inFloats(one, new Workspace[] {workspace})) {
                Tensor x = run.random(16, 64);
                Tensor out = run.zeros(16, CompactPanels.PANEL);
                CompactPanels panels = CompactPanels.allocate(null, WeightType.BFLOAT16, CompactPanels.PANEL, 64);
                for (int call = 0; call < 400; call++) {
                    int rows = call % 2 == 0 ? 1 : 16;
                    product.multiply(out.rows(0, rows), x.rows(0, rows), panels, false);
                }
            }
        }

        /** Sixteen rows by a few panels, touching weights ahead and not, whatever this processor prefers. */
        private static void multiplyPanels(CpuKernels kernels) {
            try (KernelRun run = new KernelRun(kernels);
                    Parallel one = new Parallel(1)) {
                Tensor x = run.random(16, 64);
                Tensor out = run.zeros(16, 4 * Kernels.PANEL);
                Tensor panels = Tensor.onHeap(4, 64 * Kernels.PANEL);
                for (int call = 0; call < 40; call++) {
                    new PanelProduct(one, call % 2 == 0).multiply(out, x, panels, false);
                }
            }
        }
    }

    @Test
    void areSmallEnoughForTheCompiler(@TempDir Path folder) throws IOException, InterruptedException {
        Map<String, Integer> calls = callsOfCompiledMethods(compile(folder.resolve("compilation.log")));
        assertThat(calls.keySet())
                .contains(
                        "VectorMath.swiGluBackward",
                        "VectorMath.geluBackward",
                        "VectorMath.addLog",
                        "LaneLoops.exponentiate",
                        "LaneProducts.twoScores",
                        "PanelLoops.fourRows",
                        "CompactLoops.bytes",
                        "CompactLoops.halves",
                        "CompactLoops.expandBytes",
                        "CompactLoops.expandHalves",
                        "CompactLoops.addScaled",
                        "CompactLoops.toPairs",
                        "CompactLoops.round",
                        "VectorMath.addScaled",
                        "BfloatMatmul.toBfloat16",
                        "AdamWUpdate.apply");
        if (VectorMath.LANES == Kernels.PANEL / 2) {
            assertThat(calls).containsKeys("PanelLoops.eightRows", "PanelLoops.eightRowsTouching");
        }
        calls.keySet().removeIf(method -> method.matches(WITHOUT_VECTORS));
        assertThat(calls).allSatisfy((method, most) -> assertThat(most).isLessThan(MOST_CALLS));
    }

    private static Path compile(Path log) throws IOException, InterruptedException {
        Path messages = log.resolveSibling("messages.txt");
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@"
                                + Path.of("src/main/resources/io/github/rlhf4j/core/kernels/jvm.options")
                                        .toAbsolutePath(),
                        "-XX:CompileThresholdScaling=0.05",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:+LogCompilation",
                        "-XX:LogFile=" + log,
                        "-cp",
                        System.getProperty("java.class.path"),
                        EveryKernel.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start()
                .waitFor();
        assertThat(code).as(Files.readString(messages)).isZero();
        return log;
    }

    /** The most calls that the optimising compiler (C2) has met in each method of this package. */
    private static Map<String, Integer> callsOfCompiledMethods(Path log) throws IOException {
        Map<String, Integer> most = new TreeMap<>();
        String method = "";
        int calls = 0;
        try (Stream<String> lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines::iterator) {
                if (line.startsWith("<task ")) {
                    Matcher task = TASK.matcher(line);
                    boolean ours = task.matches() && !line.matches(".* level='[123]'.*");
                    method = ours ? name(task.group(1), task.group(2)) : "";
                    calls = 0;
                } else if (line.startsWith("<call ")) {
                    calls++;
                } else if (line.startsWith("<task_done") && !method.isEmpty()) {
                    most.merge(method, calls, Math::max);
                }
            }
        }
        return most;
    }

    private static String name(String type, String method) {
        String ours = CompiledLoopsTest.class.getPackageName() + ".";
        return type.startsWith(ours) ? type.substring(ours.length()) + "." + method : "";
    }
}
