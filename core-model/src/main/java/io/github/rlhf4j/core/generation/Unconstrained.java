package io.github.rlhf4j.core.generation;

/** No constraint at all; nobody begins with it. */
enum Unconstrained implements TokenConstraint {
    ANYTHING;

    @Override
    public TokenConstraint atTextStart() {
        return this;
    }

    @Override
    public Cursor begin(boolean hasEnd, int mostNew) {
        throw new IllegalStateException("there is no constraint");
    }
}
