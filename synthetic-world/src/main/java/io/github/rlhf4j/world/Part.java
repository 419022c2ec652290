package io.github.rlhf4j.world;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.Arrays;
import java.util.Locale;

/**
 * The parts of the synthetic world, named in run files as {@code synthetic:<part>}.
 *
 * <p>A prompt belongs to one split by a hash of its text (of an open question's without the form that it asks for), so no two splits share a prompt; parts of one split share all of theirs.
 * The texts of {@link #PRETRAIN} state the facts that open questions ask for, but answer no question of a held-out split.
 */
public enum Part {
    /** Documents in four languages and six domains. */
    PRETRAIN(RecordKind.TEXT, Split.NONE),
    /** More documents of the same mixture, none of which is in the corpus. */
    PRETRAIN_EVAL(RecordKind.TEXT, Split.NONE),
    /** Prompts answered by people, well and less well. */
    DEMONSTRATIONS(RecordKind.PROMPT_COMPLETION, Split.DEMONSTRATIONS),
    /** Demonstrations to other prompts, for the loss on held-out data. */
    DEMONSTRATIONS_EVAL(RecordKind.PROMPT_COMPLETION, Split.DEMONSTRATIONS_EVAL),
    /** Rankings by training labelers. */
    RANKINGS(RecordKind.RANKING, Split.RANKINGS),
    /** A pair of each ranking: its labeler's best response against another. */
    PREFERENCES(RecordKind.PREFERENCE, Split.RANKINGS),
    /** Prompts for PPO. */
    PROMPTS(RecordKind.PROMPT, Split.PROMPTS),
    /** Held-out prompts, all different. */
    EVAL_PROMPTS(RecordKind.PROMPT, Split.EVAL_PROMPTS),
    /** Noisy rankings of held-out prompts by training labelers. */
    RANKINGS_EVAL(RecordKind.RANKING, Split.RANKINGS_EVAL),
    /** The rows of {@code rankings_eval} in their true order; responses of equal worth are tied. */
    RANKINGS_EVAL_TRUE(RecordKind.RANKING, Split.RANKINGS_EVAL),
    /** A pair of each ranking of {@code rankings_eval}. */
    PREFERENCES_EVAL(RecordKind.PREFERENCE, Split.RANKINGS_EVAL),
    /** Noisy rankings of held-out prompts by labelers who ranked nothing else. */
    RANKINGS_HELDOUT_LABELERS(RecordKind.RANKING, Split.HELDOUT_LABELERS),
    /** The rows of {@code rankings_heldout_labelers} in their true order. */
    RANKINGS_HELDOUT_LABELERS_TRUE(RecordKind.RANKING, Split.HELDOUT_LABELERS);

    /** Splits of prompts: each owns a range of 100 hash buckets. */
    enum Split {
        NONE(0, 0),
        DEMONSTRATIONS(0, 30),
        RANKINGS(30, 57),
        PROMPTS(57, 80),
        EVAL_PROMPTS(80, 88),
        RANKINGS_EVAL(88, 93),
        HELDOUT_LABELERS(93, 97),
        DEMONSTRATIONS_EVAL(97, 100);

        private final int from;
        private final int to;

        Split(int from, int to) {
            this.from = from;
            this.to = to;
        }

        boolean owns(int bucket) {
            return bucket >= from && bucket < to;
        }

        /** Whether a bucket belongs to one of the splits that nothing is trained on. */
        static boolean isHeldOut(int bucket) {
            return bucket >= EVAL_PROMPTS.from;
        }
    }

    private final RecordKind kind;
    private final Split split;

    Part(RecordKind kind, Split split) {
        this.kind = kind;
        this.split = split;
    }

    /** The kind of its records. */
    public RecordKind kind() {
        return kind;
    }

    Split split() {
        return split;
    }

    /** The name in run files. */
    public String partName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The part called {@code name}.
     *
     * @throws UserError where there is none; the message lists all
     */
    public static Part named(String name) {
        for (Part part : values()) {
            if (part.partName().equals(name)) {
                return part;
            }
        }
        throw new UserError("dataset \"synthetic:" + name + "\" is unknown: the parts of the synthetic world are "
                + String.join(", ", Arrays.stream(values()).map(Part::partName).toList())
                + ", " + Arithmetic.PARTS + ", " + Wordings.PARTS + ", " + InventedTexts.PARTS + ", "
                + Sequences.PARTS + ", " + WebPages.PARTS + ", " + Knowledge.PARTS);
    }
}
