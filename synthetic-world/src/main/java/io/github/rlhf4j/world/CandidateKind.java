package io.github.rlhf4j.world;

/** The kinds of answers that the world writes: what people do, and what a policy could try to be paid for. */
public enum CandidateKind {
    /** Right, in the right form, short. */
    GOOD(4.0, 0.46),
    /** Right, with padding around it. */
    VERBOSE(2.4, 0.16),
    /** Right, in another form than asked for. */
    WRONG_FORM(1.8, 0.12),
    /** Right but for a name of the prompt, which is written like another; invented where the answer has no name of the prompt. */
    MISCOPIED(0.1, 0),
    /** The right form with something false, or with an answer where there is none. */
    INVENTED(0.2, 0.14),
    /** The answer to another prompt of the same use case. */
    CONFUSED(0.1, 0.04),
    /** The answer to a prompt of another use case. */
    OFF_TOPIC(0.35, 0.02),
    /** Says that one does not know. */
    ADMISSION(0.7, 0.03),
    /** Declines to answer. */
    REFUSAL(0.6, 0.03),
    /** Cut off in the middle. */
    TRUNCATED(1.1, 0),
    /** The right answer several times. */
    REPETITIVE(1.0, 0),
    /** Begins right and never ends. */
    ENDLESS(0.7, 0),
    /** A full stop and nothing else. */
    EMPTY(0.3, 0),
    /** Words that are none. */
    GIBBERISH(0.9, 0);

    private final double candidateWeight;
    private final double demonstrationShare;

    CandidateKind(double candidateWeight, double demonstrationShare) {
        this.candidateWeight = candidateWeight;
        this.demonstrationShare = demonstrationShare;
    }

    /** The share of demonstrations that are meant to be of this kind, 0..1. */
    public double demonstrationShare() {
        return demonstrationShare;
    }

    static CandidateKind drawCandidate(Draw draw) {
        double left = 0;
        for (CandidateKind kind : values()) {
            left += kind.candidateWeight;
        }
        left *= draw.uniform();
        for (CandidateKind kind : values()) {
            left -= kind.candidateWeight;
            if (left < 0) {
                return kind;
            }
        }
        return GOOD;
    }

    static CandidateKind drawDemonstration(Draw draw) {
        double left = draw.uniform();
        for (CandidateKind kind : values()) {
            left -= kind.demonstrationShare;
            if (left < 0) {
                return kind;
            }
        }
        return GOOD;
    }
}
