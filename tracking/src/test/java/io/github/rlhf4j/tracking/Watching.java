package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A console that keeps what it is told. */
final class Watching implements Console {
    final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void line(String line) {
        lines.add(line);
    }

    @Override
    public void warning(String line) {
        warnings.add(line);
    }

    @Override
    public Progress progress(String what, long total, String unit) {
        return Progress.NONE;
    }
}
