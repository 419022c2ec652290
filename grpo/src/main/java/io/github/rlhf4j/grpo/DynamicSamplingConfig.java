package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.OptionalInt;

/**
 * Dynamic sampling: groups whose responses all have one reward, from which nothing can be learnt, give way to groups of the prompts that follow. The names are verl's.
 *
 * <p>Source: Yu et al. 2025, arXiv:2503.14476, section 3.2.
 *
 * @param filterGroups whether they do
 * @param maxNumGenBatches a generation draws at most so many times the prompts that it needs; absent: 10. Then groups of one reward fill the rest
 */
public record DynamicSamplingConfig(boolean filterGroups, OptionalInt maxNumGenBatches) implements ConfigGroup {
    private static final int MOST = 10; // verl's recipe of DAPO

    /** Every group is taken as it is. */
    public static final DynamicSamplingConfig NONE = new DynamicSamplingConfig(false, OptionalInt.empty());

    public DynamicSamplingConfig {
        checkConfig(
                filterGroups || maxNumGenBatches.isEmpty(),
                "max_num_gen_batches",
                maxNumGenBatches.orElse(0),
                "does nothing with filter_groups: false, so must be left out");
        checkConfig(
                maxNumGenBatches.orElse(MOST) >= 2,
                "max_num_gen_batches",
                maxNumGenBatches.orElse(MOST),
                "must be >= 2: the first is what is drawn at once");
    }

    /** A generation draws at most so many times the prompts that it needs. */
    int most() {
        return maxNumGenBatches.orElse(MOST);
    }
}
