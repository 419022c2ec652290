package io.github.rlhf4j.lab.recurrent;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Keeps what libraries print away from the program's standard output: SameDiff prints the operations that it differentiates, the first time. */
final class SilentOutput {
    private SilentOutput() {}

    /** One computation at a time: standard output is the process's. */
    static synchronized <T> T during(Supplier<T> computation) {
        PrintStream output = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            return computation.get();
        } finally {
            System.setOut(output);
        }
    }
}
