package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.kernels.conformance.Scenarios;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody's program that uses the kernels, started with as few options as possible. */
class WithoutTheLauncherTest {
    private static final String MODULE = "--add-modules=jdk.incubator.vector";
    private static final String WARNING = "Java was started without";

    @TempDir
    private Path folder;

    /** Computes with two sets of kernels, and says with which, and what. */
    static final class Computes {
        private Computes() {}

        public static void main(String[] arguments) {
            try (CpuKernels kernels = new CpuKernels(2);
                    CpuKernels others = new CpuKernels(1)) {
                int digest = 1;
                for (KernelRun.Scenario scenario : Scenarios.all()) {
                    for (double[] result : KernelRun.results(kernels, scenario).values()) {
                        digest = 31 * digest + Arrays.hashCode(result);
                    }
                }
                System.out.println("kernels: " + kernels.description() + ", " + others.threads());
                System.out.println("digest: " + digest);
                System.out.println("native memory: "
                        + (Pointer.maxBytes() > Runtime.getRuntime().maxMemory()));
            } catch (UserError e) {
                System.out.println("error: " + e.getMessage());
            }
        }
    }

    /** Multiplies by oneDNN in two threads, and says how many threads the process has more than before. */
    static final class Multiplies {
        private Multiplies() {}

        public static void main(String[] arguments) throws InterruptedException {
            Sgemm sgemm = new OneDnn();
            Thread other = new Thread(() -> System.out.println("more threads of another's: " + started(sgemm)));
            System.out.println("more threads: " + started(sgemm));
            other.start();
            other.join();
        }

        /** How many threads a product has started. */
        private static long started(Sgemm sgemm) {
            long before = threads();
            multiply(sgemm);
            return threads() - before;
        }

        private static void multiply(Sgemm sgemm) {
            try (NativeMemory memory = new NativeMemory(4 << 20);
                    Workspace workspace = new Workspace()) {
                Tensor a = memory.allocate(DataType.FLOAT, 512, 512);
                Tensor out = memory.allocate(DataType.FLOAT, 512, 512);
                sgemm.multiply(
                        workspace,
                        false,
                        false,
                        512,
                        512,
                        512,
                        1,
                        a.address(),
                        512,
                        a.address(),
                        512,
                        0,
                        out.address(),
                        512);
            }
        }

        /** Java's and all others; 0 where the system does not say. */
        private static long threads() {
            Path tasks = Path.of("/proc/self/task");
            if (!Files.exists(tasks)) {
                return 0;
            }
            try (Stream<Path> all = Files.list(tasks)) {
                return all.count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void computesTheSameBytesWithTheSameLibraryAndWarnsOnce() throws IOException, InterruptedException {
        List<String> launcher = run(
                Computes.class,
                "1",
                "@"
                        + Path.of("src/main/resources/io/github/rlhf4j/core/kernels/jvm.options")
                                .toAbsolutePath());
        List<String> bare = run(Computes.class, "", MODULE);

        assertThat(launcher).noneMatch(line -> line.contains(WARNING));
        assertThat(bare)
                .filteredOn(line -> line.contains(WARNING))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("CompileThresholdScaling", JvmOptions.class.getName())
                        .doesNotContain("inline"));
        assertThat(line(bare, "kernels")).isEqualTo(line(launcher, "kernels"));
        assertThat(line(bare, "digest")).isEqualTo(line(launcher, "digest"));
        assertThat(line(bare, "native memory")).endsWith("true");
    }

    @Test
    void saysWhichModuleIsMissing() throws IOException, InterruptedException {
        assertThat(line(run(Computes.class, "", "-Xint"), "error"))
                .contains("start Java with --add-modules jdk.incubator.vector");
    }

    @Test
    void aThreadMultipliesAloneWhateverOpenMpWouldDo() throws IOException, InterruptedException {
        List<String> output = run(Multiplies.class, "4", MODULE, "-Xint", "-XX:+UseSerialGC");
        assertThat(line(output, "more threads")).isEqualTo("more threads: 0");
        assertThat(line(output, "more threads of another's")).isEqualTo("more threads of another's: 0");
    }

    private static String line(List<String> output, String name) {
        return output.stream()
                .filter(line -> line.startsWith(name + ": "))
                .findFirst()
                .orElseGet(() -> String.join("\n", output));
    }

    /** @param openMpThreads of the environment; empty for none */
    private List<String> run(Class<?> program, String openMpThreads, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Path output = folder.resolve("output.txt");
        ProcessBuilder process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        process.environment().remove("OMP_NUM_THREADS");
        if (!openMpThreads.isEmpty()) {
            process.environment().put("OMP_NUM_THREADS", openMpThreads);
        }
        int code = process.start().waitFor();
        List<String> lines = Files.readAllLines(output);
        assertThat(code).as(String.join("\n", lines)).isZero();
        return lines;
    }
}
