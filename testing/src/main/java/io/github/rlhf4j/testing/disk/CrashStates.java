package io.github.rlhf4j.testing.disk;

import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a folder would be left as by a process that is killed, or a disk that loses its power, at any of the changes of one run that itself goes on unharmed. Many crashes
 * leave the same: it is there once.
 */
public final class CrashStates {
    private final Path folder;
    private final UnforcedChanges unforced;
    private final Contents contents;
    private final IntPredicate isChosen;
    private final Set<Kind> kinds;
    private final Map<DiskState, List<DiskFault>> faults = new LinkedHashMap<>();

    private @Nullable DiskState killed; // at the present change, where a write may be torn
    private byte[] before = new byte[0];

    CrashStates(Path folder, UnforcedChanges unforced, IntPredicate isChosen, Set<Kind> kinds) {
        this.folder = folder;
        this.unforced = unforced;
        this.contents = unforced.contents();
        this.isChosen = isChosen;
        this.kinds = Set.copyOf(kinds);
    }

    /** One state, and how to get there. */
    public final class Crash {
        private final DiskState state;
        private final List<DiskFault> faults;

        private Crash(DiskState state, List<DiskFault> faults) {
            this.state = state;
            this.faults = List.copyOf(faults);
        }

        /** The crashes that leave it. */
        public List<DiskFault> faults() {
            return faults;
        }

        /** Makes the folder what they leave. */
        public void restore() throws IOException {
            state.restore(folder, contents);
        }
    }

    /** All that differ, in the order of the run. */
    public List<Crash> all() {
        List<Crash> all = new ArrayList<>();
        faults.forEach((state, causes) -> all.add(new Crash(state, causes)));
        return all;
    }

    /** A change is about to be made. */
    void before(int number, Change change, Path path) throws IOException {
        killed = null;
        if (!isChosen.test(number)) {
            return;
        }
        DiskState state = DiskState.of(folder, contents);
        if (kinds.contains(Kind.KILL)) {
            add(state, Kind.KILL, number);
        }
        if (kinds.contains(Kind.TORN)) {
            if (change == Change.WRITE && path.startsWith(folder) && Files.isRegularFile(path)) {
                killed = state;
                before = Files.readAllBytes(path);
            } else {
                add(state, Kind.TORN, number);
            }
        }
        if (kinds.contains(Kind.POWER)) {
            add(unforced.left(state, true), Kind.POWER, number);
        }
        if (kinds.contains(Kind.POWER_EMPTY)) {
            add(unforced.left(state, false), Kind.POWER_EMPTY, number);
        }
    }

    /** A change was made. */
    void after(int number, Path path) throws IOException {
        DiskState state = killed;
        if (state != null) {
            String torn = DiskState.file(contents.put(torn(before, Files.readAllBytes(path))));
            add(state.with(folder.relativize(path).toString(), torn), Kind.TORN, number);
        }
        killed = null;
    }

    private void add(DiskState state, Kind kind, int number) {
        faults.computeIfAbsent(state, any -> new ArrayList<>()).add(new DiskFault(kind, number));
    }

    /** The first half of what was written in its place. */
    private static byte[] torn(byte[] before, byte[] after) {
        int from = Arrays.mismatch(before, after);
        if (from < 0) {
            return after;
        }
        int to = after.length;
        while (to > from && to <= before.length && before.length == after.length && before[to - 1] == after[to - 1]) {
            to--;
        }
        int half = from + (to - from) / 2;
        byte[] torn = Arrays.copyOf(after, Math.max(half, Math.min(before.length, after.length)));
        if (before.length > half) {
            System.arraycopy(before, half, torn, half, torn.length - half);
        }
        return torn;
    }
}
