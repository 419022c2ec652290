package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Copies of records with another component, so that a test says only what it varies. */
final class Records {
    private Records() {}

    /** {@code record} with other components, or components of the {@link ConfigGroup}s in it, each given as its name and its value; what a constructor throws is thrown. */
    static <R extends Record> R with(R record, Object... namesAndValues) {
        Map<String, Object> others = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            others.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        R copy = with(record, others);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(record.getClass() + " has no " + others.keySet());
        }
        return copy;
    }

    /** Takes what it uses out of {@code others}. */
    private static <R extends Record> R with(R record, Map<String, Object> others) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        Object[] values = Arrays.stream(components)
                .map(component -> {
                    if (others.containsKey(component.getName())) {
                        return others.remove(component.getName());
                    }
                    Object value = get(record, component);
                    return value instanceof ConfigGroup ? with((Record) value, others) : value;
                })
                .toArray();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            @SuppressWarnings("unchecked")
            Constructor<R> constructor = (Constructor<R>) record.getClass().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A component of a record. */
    static Object get(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
