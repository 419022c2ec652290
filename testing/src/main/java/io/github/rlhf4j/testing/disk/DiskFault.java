package io.github.rlhf4j.testing.disk;

/**
 * What goes wrong, and at which change of the watched folder.
 *
 * @param at counted from 1
 */
public record DiskFault(Kind kind, long at) {
    /** Nothing goes wrong; changes are counted. */
    public static final DiskFault NONE = new DiskFault(Kind.KILL, Long.MAX_VALUE);

    /** Kinds of faults. */
    public enum Kind {
        /** The process is dead before the change, as by SIGKILL: nothing of it changes the disk any more. */
        KILL,
        /** Half of a write arrives, then the process is dead. */
        TORN,
        /** The process is dead, and everything that was not forced to the disk is lost: data, names, renames, removals. */
        POWER,
        /** The process is dead; names and renames stay, data that were not forced are gone (files of length 0). */
        POWER_EMPTY,
        /** The change is refused with an input/output error, once. */
        ERROR,
        /** Half of a write arrives, and it is refused, once. */
        TORN_ERROR,
        /** No space is left from then on. */
        FULL,
        /** The folder is read-only from then on. */
        READ_ONLY,
        /** Everything in the folder is removed by another process, once. */
        VANISHED,
        /** Every change takes a few milliseconds more from then on. */
        SLOW;

        /**
         * Whether it does something of its own at a change, rather than what it does at the next, or what another kind does.
         *
         * @param change one of {@link Disk#changes}
         */
        public boolean concerns(String change) {
            Change made = Change.valueOf(change.substring(0, change.indexOf(' ')));
            return switch (this) {
                case TORN, TORN_ERROR -> made == Change.WRITE;
                case FULL -> made.needsSpace();
                case READ_ONLY -> made != Change.FORCE && made != Change.FORCE_FOLDER;
                default -> true;
            };
        }

        boolean losesPower() {
            return this == POWER || this == POWER_EMPTY;
        }
    }
}
