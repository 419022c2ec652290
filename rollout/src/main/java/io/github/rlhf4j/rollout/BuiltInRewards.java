package io.github.rlhf4j.rollout;

import com.google.inject.AbstractModule;

/**
 * The reward functions that every stage with rewards has.
 *
 * <p>Needs: nothing. Provides: {@code exact_match}, {@code numeric}, {@code cosine_scaled}, {@code regex}, {@code json_schema}, {@code length}, {@code repetition}, {@code language} and {@code format}. Extended by: {@link RewardBinder#rewardBinder}. May be installed by several modules.
 */
public final class BuiltInRewards extends AbstractModule {
    @Override
    protected void configure() {
        RewardBinder.rewardBinder(binder())
                .bind("exact_match", ExactMatch.class)
                .bind("numeric", new NumericReward())
                .bind("cosine_scaled", new CosineReward())
                .bind("regex", new RegexReward())
                .bind("json_schema", new JsonSchemaReward())
                .bind("length", new LengthReward())
                .bind("repetition", new RepetitionReward())
                .bind("language", new LanguageReward())
                .bind("format", new FormatReward());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BuiltInRewards;
    }

    @Override
    public int hashCode() {
        return BuiltInRewards.class.hashCode();
    }
}
