package io.github.rlhf4j.core.train;

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

    /** The highest so far; where the system does not say, the present one. */
    public static long peak() {
        return read("VmHWM:");
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
