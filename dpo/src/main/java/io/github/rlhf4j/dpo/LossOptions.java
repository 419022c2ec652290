package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;
import java.util.Optional;

/** What a loss is made of: beta, which every run has, and the keys that its factory declares ({@link PreferenceLossFactory#keys}). Immutable. */
public final class LossOptions {
    private final double beta;
    private final GivenKeys given;
    private final Optional<List<ConfigKey<?>>> declared;

    private LossOptions(double beta, GivenKeys given, Optional<List<ConfigKey<?>>> declared) {
        this.beta = beta;
        this.given = given;
        this.declared = declared;
    }

    /**
     * Those of a run.
     *
     * @param beta finite and > 0
     * @param given values of keys; others have their defaults
     */
    public static LossOptions of(double beta, GivenKeys given) {
        if (!(beta > 0 && Double.isFinite(beta))) {
            throw new IllegalArgumentException("beta must be finite and > 0, but is " + beta);
        }
        return new LossOptions(beta, given, Optional.empty());
    }

    /** Every key has its default. */
    public static LossOptions of(double beta) {
        return of(beta, GivenKeys.NONE);
    }

    /** This with a key's value. */
    public <T> LossOptions with(ConfigKey<T> key, T value) {
        return new LossOptions(beta, given.with(key, value), declared);
    }

    /** Strength of the pull towards the reference (for ORPO, SimPO and CPO: of the preference), finite and > 0; key {@code beta}. */
    public double beta() {
        return beta;
    }

    /**
     * The value of a key, given or its default.
     *
     * @throws IllegalArgumentException where it has no default and is not given
     * @throws IllegalStateException where the loss's factory does not declare it
     */
    public <T> T get(ConfigKey<T> key) {
        if (declared.isPresent() && !declared.get().contains(key)) {
            throw new IllegalStateException("a loss reads the key " + key.name()
                    + ", which the keys() of its factory do not name: they are " + names(declared.get()));
        }
        return given.get(key);
    }

    /** These for a loss that declares {@code keys} and may read no other. */
    LossOptions declaring(List<ConfigKey<?>> keys) {
        return new LossOptions(beta, given, Optional.of(keys));
    }

    private static List<String> names(List<ConfigKey<?>> keys) {
        return keys.stream().map(ConfigKey::name).toList();
    }
}
