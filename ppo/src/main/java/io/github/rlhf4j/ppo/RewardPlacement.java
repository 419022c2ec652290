package io.github.rlhf4j.ppo;

/** Which token the score is the reward of. */
public enum RewardPlacement {
    /** The end token, the response's last (its last token where it never ended). */
    END,
    /** The position after the end token where there is room for one, else the last token, as in TRL up to 1.12. */
    AFTER_END
}
