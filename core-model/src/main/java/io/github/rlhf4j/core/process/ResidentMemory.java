package io.github.rlhf4j.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;

/** Resident memory of this process, in bytes. */
public final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** Now. */
    public static long current() {
        return read("VmRSS:");
    }

    /** The highest so far, or since {@link #resetPeak}; where the system does not say, the present one. */
    public static long peak() {
        return read("VmHWM:");
    }

    /** Begins to measure the peak anew, where the system can (Linux); elsewhere it stays the highest of the process. */
    public static void resetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            // the peak of the process serves
        }
    }

    private static long read(String field) {
        if (!Files.exists(STATUS)) {
            return Pointer.physicalBytes();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return Pointer.physicalBytes();
        }
    }
}
