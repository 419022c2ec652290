package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import jdk.jfr.Recording;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products in the course of which a profiler's signals arrive. oneDNN 3.11 broke the C heap then, and the JVM aborted: within a second in each of three runs of this. */
final class SignalsTest {
    @Test
    void leaveTheHeapAsItIs(@TempDir Path folder) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        int code = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Products.class.getName()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        assertThat(code).as(() -> read(output)).isZero();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Two threads that multiply for two seconds while the JVM samples them. */
    static final class Products {
        private static final int ROWS = 16;

        private Products() {}

        public static void main(String[] arguments) throws InterruptedException {
            Sgemm sgemm = Blas.choose();
            sgemm.useOneThread();
            try (Recording recording = new Recording()) {
                recording.enable("jdk.NativeMethodSample").withPeriod(Duration.ofMillis(1));
                recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(1));
                recording.start();
                Thread other = new Thread(() -> multiply(sgemm, new Random(1)));
                other.start();
                multiply(sgemm, new Random(2));
                other.join();
            }
        }

        /** Each operand is a block of the C heap, beside those that the library takes. */
        private static void multiply(Sgemm sgemm, Random random) {
            long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            try (Workspace workspace = new Workspace()) {
                while (System.nanoTime() < end) {
                    int depth = 500 + random.nextInt(100);
                    int columns = 30 + random.nextInt(10);
                    try (FloatPointer a = new FloatPointer((long) ROWS * depth);
                            FloatPointer b = new FloatPointer((long) depth * columns);
                            FloatPointer out = new FloatPointer((long) ROWS * columns)) {
                        multiply(
                                sgemm,
                                workspace,
                                random.nextBoolean(),
                                random.nextBoolean(),
                                depth,
                                columns,
                                a,
                                b,
                                out);
                    }
                }
            }
        }

        private static void multiply(
                Sgemm sgemm,
                Workspace workspace,
                boolean transA,
                boolean transB,
                int depth,
                int columns,
                FloatPointer a,
                FloatPointer b,
                FloatPointer out) {
            int strideOfB = transB ? depth : columns;
            sgemm.multiply(
                    workspace,
                    transA,
                    transB,
                    ROWS,
                    columns,
                    depth,
                    1,
                    a.address(),
                    transA ? ROWS : depth,
                    b.address(),
                    strideOfB,
                    0,
                    out.address(),
                    columns);
        }
    }
}
