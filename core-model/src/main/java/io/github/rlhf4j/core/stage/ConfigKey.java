package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A key of a run file that a part of a stage declares: a loss's own hyper-parameter, for example. One declaration has all there is to know of it: name, type, range, default, meaning and source.
 *
 * <pre>
 *   static final ConfigKey&lt;Double&gt; MARGIN =
 *           ConfigKey.number("margin", 0.5).atLeast(0).meaning("how far apart the responses should be").source("Meng et al. 2024, Eq. 6");
 * </pre>
 *
 * <p>A stage hands its parts' declarations out by {@link Stage#keys}; what a run file gives of them is the config's {@link GivenKeys}. Two declarations are equal where name, type, range and default are:
 * parts that share a key share its declaration. Immutable.
 *
 * @param <T> the type of its values: Double, Long, Boolean, String or an enum
 */
public sealed class ConfigKey<T> permits NumberKey {
    private static final String NAME = "[a-z][a-z0-9_]*";

    private final String name;
    private final Class<T> type;
    private final Optional<T> defaultValue;
    private final Predicate<T> isLegal;
    private final String mustBe;
    private final List<String> choices; // empty: not a choice
    private final Condition condition;
    private final String meaning;
    private final String source;

    /** The other key and its value without which this key does nothing. */
    private record Condition(
            @Nullable ConfigKey<?> other, @Nullable Object value) {
        private static final Condition NONE = new Condition(null, null);

        @Override
        public String toString() {
            return other == null ? "" : ", only with " + other.name + ": " + text(value);
        }
    }

    ConfigKey(String name, Class<T> type, Optional<T> defaultValue, Predicate<T> isLegal, String mustBe) {
        this(name, type, defaultValue, isLegal, mustBe, List.of(), Condition.NONE, "", "");
    }

    private ConfigKey(
            String name,
            Class<T> type,
            Optional<T> defaultValue,
            Predicate<T> isLegal,
            String mustBe,
            List<String> choices,
            Condition condition,
            String meaning,
            String source) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("the name of a key must match " + NAME + ", but is " + name);
        }
        this.name = name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.isLegal = isLegal;
        this.mustBe = mustBe;
        this.choices = List.copyOf(choices);
        this.condition = condition;
        this.meaning = meaning;
        this.source = source;
    }

    /** A finite number; a range follows: {@code number("tau", 0.05).above(0)}. */
    public static NumberKey<Double> number(String name, double defaultValue) {
        return new NumberKey<>(name, Double.class, Optional.of(defaultValue), NumberRange.FINITE);
    }

    /** A finite number that must be given where it is read. */
    public static NumberKey<Double> number(String name) {
        return new NumberKey<>(name, Double.class, Optional.empty(), NumberRange.FINITE);
    }

    /** A whole number; a range follows. */
    public static NumberKey<Long> whole(String name, long defaultValue) {
        return new NumberKey<>(name, Long.class, Optional.of(defaultValue), NumberRange.WHOLE);
    }

    /** true or false. */
    public static ConfigKey<Boolean> flag(String name, boolean defaultValue) {
        return new ConfigKey<>(name, Boolean.class, Optional.of(defaultValue), value -> true, "must be true or false");
    }

    /** A text. One whose name ends in {@code path} is a file that the stage reads: a run that continues is refused where its content has changed. */
    public static ConfigKey<String> text(String name, String defaultValue) {
        return new ConfigKey<>(name, String.class, Optional.of(defaultValue), value -> true, "must be a text");
    }

    /** A text that must be given where it is read. */
    public static ConfigKey<String> text(String name) {
        return new ConfigKey<>(name, String.class, Optional.empty(), value -> true, "must be a text");
    }

    /** One of some texts. */
    public static ConfigKey<String> choice(String name, List<String> choices, String defaultValue) {
        return choice(name, String.class, defaultValue, choices);
    }

    /** One of an enum's constants, written in lower case. */
    public static <E extends Enum<E>> ConfigKey<E> choice(String name, E defaultValue) {
        Class<E> type = defaultValue.getDeclaringClass();
        return choice(
                name,
                type,
                defaultValue,
                Arrays.stream(type.getEnumConstants()).map(ConfigKey::text).toList());
    }

    private static <T> ConfigKey<T> choice(String name, Class<T> type, T defaultValue, List<String> choices) {
        return new ConfigKey<>(
                name,
                type,
                Optional.of(defaultValue),
                value -> choices.contains(text(value)),
                "must be one of " + String.join(", ", choices),
                choices,
                Condition.NONE,
                "",
                "");
    }

    /** This with what it means, its unit among it; for {@code help} and editors. */
    public ConfigKey<T> meaning(String words) {
        return new ConfigKey<>(name, type, defaultValue, isLegal, mustBe, choices, condition, words, source);
    }

    /** This with where the default is from. */
    public ConfigKey<T> source(String words) {
        return new ConfigKey<>(name, type, defaultValue, isLegal, mustBe, choices, condition, meaning, words);
    }

    /** This, a mistake to give unless {@code other} has that value. */
    public <S> ConfigKey<T> onlyWith(ConfigKey<S> other, S value) {
        return new ConfigKey<>(
                name, type, defaultValue, isLegal, mustBe, choices, new Condition(other, value), meaning, source);
    }

    /** As a run file writes it. */
    public String name() {
        return name;
    }

    /** The type of its values. */
    public Class<T> type() {
        return type;
    }

    /** What an absent key means; empty where it must be given. */
    public Optional<T> defaultValue() {
        return defaultValue;
    }

    /** The default as a run file would write it; empty where there is none. */
    public Optional<String> defaultText() {
        return defaultValue.map(value -> value instanceof Double number && number == Math.rint(number)
                ? String.valueOf(Math.round(number))
                : text(value));
    }

    /** The values that a text or an enum may have, as a run file writes them; empty for other types and for any text. */
    public List<String> choices() {
        return choices;
    }

    /** What it means and where its default is from; empty where the declaration does not say. */
    public String meaning() {
        return source.isEmpty() ? meaning : meaning.isEmpty() ? source : meaning + " (" + source + ")";
    }

    /** Requires that {@code value} is in range. */
    void check(Object value) {
        String shown = text(value);
        checkConfig(
                type.isInstance(value) && isLegal.test(type.cast(value)),
                name,
                shown + Suggestion.phrase(shown, choices),
                mustBe);
    }

    /** Requires that the key does something beside the others that are given. */
    void checkEffect(GivenKeys others, Object value) {
        if (condition.other() != null) {
            checkConfig(
                    others.get(condition.other()).equals(condition.value()),
                    name,
                    text(value),
                    "does nothing without " + condition.other().name + ": " + text(condition.value())
                            + ", so must be left out");
        }
    }

    /**
     * All keys of several owners, each once, in their order.
     *
     * @param what the owners are, such as "losses"
     * @param owners each with the keys that it declares
     * @throws UserError where two owners declare one name differently
     */
    public static List<ConfigKey<?>> union(String what, Map<String, ? extends Collection<ConfigKey<?>>> owners) {
        Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
        Map<String, String> declaredBy = new LinkedHashMap<>();
        owners.forEach((owner, declared) -> declared.forEach(key -> {
            ConfigKey<?> known = keys.putIfAbsent(key.name, key);
            if (known != null && !known.equals(key)) {
                throw new UserError("the " + what + " " + declaredBy.get(key.name) + " and " + owner
                        + " declare the key " + key.name + " differently: " + known + "; " + key
                        + "; rename one of them, or declare it alike");
            }
            declaredBy.putIfAbsent(key.name, owner);
        }));
        return List.copyOf(keys.values());
    }

    private static String text(@Nullable Object value) {
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : String.valueOf(value);
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof ConfigKey<?> key
                && name.equals(key.name)
                && type.equals(key.type)
                && defaultValue.equals(key.defaultValue)
                && mustBe.equals(key.mustBe)
                && condition.equals(key.condition);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(name, type);
    }

    @Override
    public String toString() {
        return mustBe + defaultText().map(text -> ", default " + text).orElse("") + condition;
    }
}
