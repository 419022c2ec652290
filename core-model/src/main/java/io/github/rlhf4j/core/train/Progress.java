package io.github.rlhf4j.core.train;

/** Progress with a rate and the time left; quiet unless it takes longer than two seconds. */
public interface Progress extends AutoCloseable {
    /** Shows nothing. */
    Progress NONE = new Progress() {
        @Override
        public void advance(long units) {}

        @Override
        public void close() {}
    };

    /** So many more units are done. */
    void advance(long units);

    @Override
    void close();
}
