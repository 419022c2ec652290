package io.github.rlhf4j.testing.disk;

/** What changes a disk. */
public enum Change {
    CREATE,
    WRITE,
    TRUNCATE,
    /** fsync of a file. */
    FORCE,
    /** fsync of a folder. */
    FORCE_FOLDER,
    FOLDER,
    MOVE,
    DELETE,
    LINK,
    COPY,
    ATTRIBUTE;

    /** Whether a full disk refuses it. */
    boolean needsSpace() {
        return switch (this) {
            case CREATE, WRITE, FOLDER, LINK, COPY -> true;
            default -> false;
        };
    }
}
