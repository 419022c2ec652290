package io.github.rlhf4j.web.lines;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What is known of files, each made once while there is memory for it. Safe for several threads.
 *
 * @param <T> what is made of a file
 */
public final class SoftlyKept<T> {
    private final Function<Path, T> maker;
    private final Map<Path, SoftReference<T>> kept = new HashMap<>(); // never iterated

    /** @param maker makes it, without reading the file */
    public SoftlyKept(Function<Path, T> maker) {
        this.maker = maker;
    }

    /** That of a file. */
    public synchronized T of(Path file) {
        SoftReference<T> reference = kept.get(file);
        T known = reference == null ? null : reference.get();
        if (known == null) {
            known = maker.apply(file);
            kept.put(file, new SoftReference<>(known));
        }
        return known;
    }
}
