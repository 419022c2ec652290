package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The keys and values of a file, in its order. Getters throw {@link UserError} with the file and the key. */
public final class GgufMetadata {
    private final String source;
    private final Map<String, Value> values = new LinkedHashMap<>();

    /**
     * @param kind of the value, or of an array's values
     * @param content Long, Double, Boolean or String; of an array double[] or a List of String
     */
    record Value(GgufKind kind, boolean isArray, Object content) {}

    /** None yet. */
    public GgufMetadata() {
        this("the metadata");
    }

    GgufMetadata(String source) {
        this.source = source;
    }

    Map<String, Value> values() {
        return values;
    }

    /** Where they were read. */
    public String source() {
        return source;
    }

    /** The keys, in the order of the file. */
    public Set<String> keys() {
        return Set.copyOf(values.keySet());
    }

    /** Whether there is such a key. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    void put(String key, Value value) {
        values.put(key, value);
    }

    /** Sets a text. */
    public void putText(String key, String value) {
        put(key, new Value(GgufKind.STRING, false, value));
    }

    /** Sets a whole number >= 0 of 32 bits. */
    public void putInt(String key, long value) {
        put(key, new Value(GgufKind.UINT32, false, value));
    }

    /** Sets a number of single precision. */
    public void putFloat(String key, double value) {
        put(key, new Value(GgufKind.FLOAT32, false, value));
    }

    /** Sets true or false. */
    public void putFlag(String key, boolean value) {
        put(key, new Value(GgufKind.BOOL, false, value));
    }

    /** Sets a list of texts. */
    public void putTexts(String key, List<String> value) {
        put(key, new Value(GgufKind.STRING, true, List.copyOf(value)));
    }

    /** Sets a list of whole numbers of 32 bits. */
    public void putInts(String key, double[] value) {
        put(key, new Value(GgufKind.INT32, true, value.clone()));
    }

    /** Sets a list of numbers of single precision. */
    public void putFloats(String key, double[] value) {
        put(key, new Value(GgufKind.FLOAT32, true, value.clone()));
    }

    /** A text that must be there. */
    public String text(String key) {
        return textIfThere(key).orElseThrow(() -> missing(key));
    }

    /** A text. */
    public Optional<String> textIfThere(String key) {
        return get(key, "a text", value -> value.content() instanceof String text ? text : null);
    }

    /** A whole number in [min, max] that must be there. */
    public int integer(String key, int min, int max) {
        return integerIfThere(key, min, max).orElseThrow(() -> missing(key));
    }

    /** A whole number in [min, max]. */
    public Optional<Integer> integerIfThere(String key, int min, int max) {
        return get(
                key,
                "a whole number in [" + min + ", " + max + "]",
                value -> value.content() instanceof Long number && number >= min && number <= max
                        ? (Integer) number.intValue()
                        : null);
    }

    /** A finite number that must be there. */
    public double number(String key) {
        return numberIfThere(key).orElseThrow(() -> missing(key));
    }

    /** A finite number; one of single precision as its shortest decimal, so that 1e-5 stays what it was. */
    public Optional<Double> numberIfThere(String key) {
        return get(key, "a finite number", value -> {
            if (!(value.content() instanceof Double number) || !Double.isFinite(number)) {
                return value.content() instanceof Long whole ? (Double) whole.doubleValue() : null;
            }
            return value.kind() == GgufKind.FLOAT32
                    ? (Double) Double.parseDouble(Float.toString(number.floatValue()))
                    : number;
        });
    }

    /** True or false. */
    public Optional<Boolean> flagIfThere(String key) {
        return get(key, "true or false", value -> value.content() instanceof Boolean flag ? flag : null);
    }

    /** A list of texts. */
    @SuppressWarnings("unchecked")
    public Optional<List<String>> textsIfThere(String key) {
        return get(
                key, "a list of texts", value -> value.content() instanceof List<?> list ? (List<String>) list : null);
    }

    /** A list of numbers. */
    public Optional<double[]> numbersIfThere(String key) {
        return get(key, "a list of numbers", value -> value.content() instanceof double[] list ? list.clone() : null);
    }

    private <T> Optional<T> get(String key, String must, Function<Value, @Nullable T> as) {
        Value value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        T result = as.apply(value);
        if (result == null) {
            throw new UserError(source + ": " + key + " is " + shown(value) + ", but must be " + must);
        }
        return Optional.of(result);
    }

    private static String shown(Value value) {
        if (value.isArray()) {
            return "a list";
        }
        String text = Printable.line(String.valueOf(value.content()));
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }

    private UserError missing(String key) {
        return new UserError(source + " has no " + key + ": it is no whole model, or not one of a language model");
    }
}
