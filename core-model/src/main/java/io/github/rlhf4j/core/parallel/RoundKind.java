package io.github.rlhf4j.core.parallel;

/** Rounds of replicas. */
public final class RoundKind extends BytesKind<RoundTask> {
    public RoundKind() {
        super("round", RoundTask.class, RoundTask::start, RoundTask::new);
    }
}
