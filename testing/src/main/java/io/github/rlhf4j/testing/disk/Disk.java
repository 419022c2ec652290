package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Counts the changes of one folder, and lets one of them fail. One of a process, whose changes it makes one after the other.
 *
 * <pre>
 *  Disk.OF_THIS_PROCESS.watch(folder, new DiskFault(DiskFault.Kind.TORN, 17));
 *  ... // work that ends with DiskKilled
 *  Disk.OF_THIS_PROCESS.release();
 * </pre>
 */
public final class Disk {
    /** The disk of the {@link DiskProvider}. */
    public static final Disk OF_THIS_PROCESS = new Disk();

    /** A system property: how many milliseconds more a change takes on a slow disk; 5 by default. */
    public static final String SLOW_MILLIS = "rlhf4j.testing.slow.millis";

    private static final long SLOW_NANOS = 1_000_000L * Integer.getInteger(SLOW_MILLIS, 5);

    private final List<String> changes = new ArrayList<>();
    private @Nullable Path watched; // of the real file system
    private DiskFault fault = DiskFault.NONE;
    private @Nullable UnforcedChanges unforced; // where a power cut is to come
    private @Nullable CrashStates recorded; // where nothing is to fail, but what crashes would leave
    private boolean dead;

    private Disk() {}

    /** Work on the real file system. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Work without a result. */
    @FunctionalInterface
    interface Act {
        void run() throws IOException;
    }

    /** Watches what happens below {@code folder} from now on. */
    public synchronized void watch(Path folder, DiskFault newFault) {
        Path real = DiskPath.real(folder.toAbsolutePath().normalize());
        watched = real;
        fault = newFault;
        changes.clear();
        dead = false;
        recorded = null;
        unforced = newFault.kind().losesPower() ? unforcedBelow(real, Optional.empty()) : null;
    }

    private static UnforcedChanges unforcedBelow(Path real, Optional<Path> store) {
        try {
            return new UnforcedChanges(real, store);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Watches what happens below {@code folder}, lets nothing fail, and notes what crashes would leave.
     *
     * @param store a folder for the contents of files, not below {@code folder}; nothing removes it
     * @param isChosen the changes at which there is a crash, from 1
     * @param kinds of KILL, TORN, POWER and POWER_EMPTY
     */
    public synchronized CrashStates record(Path folder, Path store, IntPredicate isChosen, Set<DiskFault.Kind> kinds) {
        watch(folder, DiskFault.NONE);
        Path real = Objects.requireNonNull(watched);
        UnforcedChanges changed = unforcedBelow(real, Optional.of(DiskPath.real(store.toAbsolutePath())));
        CrashStates states = new CrashStates(real, changed, isChosen, kinds);
        unforced = changed;
        recorded = states;
        return states;
    }

    /** Ends the fault: what a killed process leaves is there, and after a power cut what the disk has kept. */
    public synchronized void release() throws IOException {
        watched = null;
        dead = false;
        UnforcedChanges changed = unforced;
        if (changed != null) {
            if (recorded == null) {
                changed.lose(fault.kind() == DiskFault.Kind.POWER);
            }
            changed.close();
        }
        unforced = null;
        recorded = null;
        fault = DiskFault.NONE;
    }

    /** The changes since {@link #watch}, such as {@code MOVE a.tmp-7}. */
    public synchronized List<String> changes() {
        return List.copyOf(changes);
    }

    /** Whether the fault has killed the process. */
    public synchronized boolean isDead() {
        return dead;
    }

    /** Makes a change that a fault prevents altogether. */
    <T> T change(Change change, Path path, Work<T> work) throws IOException {
        return change(change, path, path, work, () -> {});
    }

    /** As the other. */
    void act(Change change, Path path, Act act) throws IOException {
        act(change, path, path, act);
    }

    /** As the others, of two paths. */
    void act(Change change, Path path, Path to, Act act) throws IOException {
        Work<Path> work = () -> {
            act.run();
            return path;
        };
        change(change, path, to, work, () -> {});
    }

    /**
     * Makes a change.
     *
     * @param to another path that it concerns
     * @param torn what a torn one does
     */
    synchronized <T> T change(Change change, Path path, Path to, Work<T> work, Act torn) throws IOException {
        Path folder = watched;
        if (folder == null || !(isBelow(folder, path) || isBelow(folder, to))) {
            return work.run();
        }
        if (dead) {
            throw new DiskKilled();
        }
        changes.add(change + " " + folder.relativize(path.toAbsolutePath().normalize()));
        if (changes.size() == fault.at()) {
            failOnce(torn);
        }
        if (changes.size() >= fault.at()) {
            failFromNowOn(change, path, torn);
        }
        UnforcedChanges noted = unforced;
        if (noted == null) {
            return work.run();
        }
        CrashStates states = recorded;
        if (states != null) {
            states.before(changes.size(), change, path.toAbsolutePath().normalize());
        }
        noted.before(change, path, to);
        T result = work.run();
        noted.after(change, path, to);
        if (states != null) {
            states.after(changes.size(), path.toAbsolutePath().normalize());
        }
        return result;
    }

    private static boolean isBelow(Path folder, Path path) {
        return path.toAbsolutePath().normalize().startsWith(folder);
    }

    private void failOnce(Act torn) throws IOException {
        switch (fault.kind()) {
            case TORN -> {
                torn.run();
                throw killed();
            }
            case KILL, POWER, POWER_EMPTY -> throw killed();
            case ERROR -> throw new IOException("Input/output error");
            case TORN_ERROR -> {
                torn.run();
                throw new IOException("Input/output error");
            }
            case VANISHED -> UnforcedChanges.deleteTree(Objects.requireNonNull(watched));
            case FULL, READ_ONLY, SLOW -> {
                // from now on
            }
        }
    }

    private void failFromNowOn(Change change, Path path, Act torn) throws IOException {
        switch (fault.kind()) {
            case SLOW -> LockSupport.parkNanos(SLOW_NANOS);
            case FULL -> {
                if (change.needsSpace()) {
                    torn.run();
                    throw refused(change, path, "No space left on device");
                }
            }
            case READ_ONLY -> {
                if (change != Change.FORCE && change != Change.FORCE_FOLDER) {
                    throw refused(change, path, "Read-only file system");
                }
            }
            default -> {
                // once
            }
        }
    }

    /** As Java has it: a write does not know the file's name. */
    private static IOException refused(Change change, Path path, String reason) {
        return change == Change.WRITE
                ? new IOException(reason)
                : new FileSystemException(path.toString(), null, reason);
    }

    private DiskKilled killed() {
        dead = true;
        return new DiskKilled();
    }
}
