package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewardBinderTest {
    /** Likes everything. */
    static final class One implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream().mapToDouble(answer -> 1).toArray();
        }
    }

    @Test
    void oneInstanceOfAClassServesTheWholeProcessAndAnObjectIsItself() {
        RewardFunction lambda = RewardFunction.each(answer -> answer.tokens());
        Injector injector = Guice.createInjector(new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder()).bind("one", One.class).bind("lambda", lambda);
            }
        });
        Key<Map<String, RewardFunction>> key = Key.get(new TypeLiteral<Map<String, RewardFunction>>() {});

        assertThat(injector.getInstance(key).get("one"))
                .isSameAs(injector.getInstance(key).get("one"));
        assertThat(injector.getInstance(key).get("lambda")).isSameAs(lambda);
    }
}
