package io.github.rlhf4j.lab.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The setting methods of the page overoptimization. */
class FollowingMethodTest {
    @Test
    void aNameIsATypeUnlessItSaysAnother() {
        assertThat(FollowingMethod.of("ppo", Map.of("steps", List.of(8, 16), "kl_coef", 0.1)))
                .isEqualTo(new FollowingMethod("ppo", "ppo", false, Map.of(), List.of(8, 16), Map.of("kl_coef", 0.1)));
        FollowingMethod three = FollowingMethod.of(
                "grpo of three",
                Map.of("type", "grpo", "all_models", true, "steps", List.of(8), "only", Map.of("size", 0.1)));
        assertThat(three.type()).isEqualTo("grpo");
        assertThat(three.byAllModels()).isTrue();
        assertThat(three.keys()).isEmpty();
    }

    @Test
    void onlyNamesTheValuesOfTheRunsThatAreWanted() {
        FollowingMethod method =
                FollowingMethod.of("dpo", Map.of("steps", List.of(8), "only", Map.of("size", 0.1, "labels", 1000)));
        assertThat(method.isWantedFor(Map.of("size", 0.1, "labels", 1000, "seed", 2)))
                .isTrue();
        assertThat(method.isWantedFor(Map.of("size", 0.1, "labels", 200))).isFalse();
    }

    @Test
    void stepsAreRequired() {
        assertThatThrownBy(() -> FollowingMethod.of("ppo", Map.of("kl_coef", 1)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("methods.ppo must be a map with a list of steps");
    }
}
