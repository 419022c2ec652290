package io.github.rlhf4j.core;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Properties that native libraries read when they are loaded. Each is set before, unless the user has set it: by the launcher, on the command line, or by an environment variable of its name.
 *
 * <ul>
 *   <li>org.bytedeco.javacpp.maxbytes, maxphysicalbytes: bounds of native memory, 80 % and 90 % of what the machine or the container has. JavaCPP's own go by Java's heap.
 *   <li>org.bytedeco.javacpp.logger: its messages go to slf4j.
 *   <li>DJL_CACHE_DIR, ENGINE_CACHE_DIR: where the tokenizers' library is unpacked, {@code ~/.cache/rlhf4j/djl} or what RLHF4J_CACHE_DIR or XDG_CACHE_HOME say.
 *   <li>OPT_OUT_TRACKING: no telemetry.
 * </ul>
 */
public final class LibraryProperties {
    private static final String JAVACPP = "org.bytedeco.javacpp.";

    static {
        setDefault("OPT_OUT_TRACKING", "true");
        setDefault("ai.djl.offline", "true");
        setDefault(JAVACPP + "logger", "slf4j");
        if (System.getProperty("rlhf4j.home") == null) { // the launcher has set the rest
            setCache();
            setMemory();
        }
    }

    private LibraryProperties() {}

    /** Sets them, the first time it is called: before a class that uses a native library. */
    public static void set() {
        // the class is initialised by now
    }

    private static void setCache() {
        String home = System.getProperty("user.home", "");
        String cache = System.getenv("RLHF4J_CACHE_DIR");
        String base = System.getenv("XDG_CACHE_HOME");
        if (cache != null || base != null || !home.isBlank() && Files.isWritable(Path.of(home))) {
            Path folder = cache != null
                    ? Path.of(cache)
                    : base != null ? Path.of(base, "rlhf4j") : Path.of(home, ".cache", "rlhf4j");
            setDefault("DJL_CACHE_DIR", folder.resolve("djl").toString());
            setDefault("ENGINE_CACHE_DIR", folder.resolve("djl").toString());
        }
    }

    private static void setMemory() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            long mebibytes = system.getTotalMemorySize() >> 20;
            if (System.getProperty(JAVACPP + "maxBytes") == null) {
                setDefault(JAVACPP + "maxbytes", mebibytes * 8 / 10 + "m");
            }
            if (System.getProperty(JAVACPP + "maxPhysicalBytes") == null) {
                setDefault(JAVACPP + "maxphysicalbytes", mebibytes * 9 / 10 + "m");
            }
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null && System.getenv(property) == null) {
            System.setProperty(property, value);
        }
    }
}
