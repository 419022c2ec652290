package io.github.rlhf4j.core.kernels.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the kernels must know of the processor beyond the width of its vectors. It decides how fast they are, never what they compute. */
final class Processor {
    /**
     * Whether a loop should read weights ahead of their use. Intel's processors wait for memory otherwise: on one of 2023 (two cores, 23 GB/s) sixteen rows by weights from memory ran at 143 instead of 98 GFLOP/s,
     * from the third-level cache at 201 instead of 172. An AMD Zen 4 generates 4 to 16 % slower with it.
     */
    static final boolean TOUCHES_AHEAD = isIntel();

    private Processor() {}

    private static boolean isIntel() {
        String named = System.getenv("PROCESSOR_IDENTIFIER"); // Windows
        if (named != null) {
            return named.contains("GenuineIntel");
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.limit(32).anyMatch(line -> line.startsWith("vendor_id") && line.contains("GenuineIntel"));
        } catch (IOException e) {
            return false;
        }
    }
}
