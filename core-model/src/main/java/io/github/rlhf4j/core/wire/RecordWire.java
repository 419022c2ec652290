package io.github.rlhf4j.core.wire;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Records as values, component by component: whole numbers, numbers, texts, enums, records, and lists, maps by text and optional values of these. What is made is told by the record's class alone, never by the bytes.
 *
 * @param <R> the record
 */
public final class RecordWire<R extends Record> {
    private final Class<R> type;

    private RecordWire(Class<R> type) {
        this.type = type;
    }

    /** For the records of a class. */
    public static <R extends Record> RecordWire<R> of(Class<R> type) {
        return new RecordWire<>(type);
    }

    /** Writes one. */
    public void write(WireWriter out, R value) {
        write(out, type, value);
    }

    /** Reads what {@link #write} wrote. */
    public R read(WireReader in) {
        return type.cast(read(in, type));
    }

    private static void write(WireWriter out, Type of, Object value) {
        Class<?> plain = plain(of);
        if (plain == int.class || plain == Integer.class) {
            out.putInt((Integer) value);
        } else if (plain == long.class || plain == Long.class) {
            out.putLong((Long) value);
        } else if (plain == double.class || plain == Double.class) {
            out.putDouble((Double) value);
        } else if (plain == boolean.class || plain == Boolean.class) {
            out.putBoolean((Boolean) value);
        } else if (plain == String.class) {
            out.putText((String) value);
        } else if (value instanceof Enum<?> constant) {
            out.putText(constant.name());
        } else if (value instanceof OptionalInt some) {
            out.putBoolean(some.isPresent()).putInt(some.orElse(0));
        } else if (value instanceof OptionalDouble some) {
            out.putBoolean(some.isPresent()).putDouble(some.orElse(0));
        } else if (value instanceof Optional<?> some) {
            out.putOptional(some, (to, one) -> write(to, argument(of, 0), one));
        } else if (value instanceof List<?> list) {
            out.putList(list, (to, one) -> write(to, argument(of, 0), one));
        } else if (value instanceof Map<?, ?> map) {
            out.putList(List.copyOf(map.entrySet()), (to, entry) -> {
                to.putText((String) entry.getKey());
                write(to, argument(of, 1), entry.getValue());
            });
        } else if (plain.isRecord()) {
            for (RecordComponent component : plain.getRecordComponents()) {
                write(out, component.getGenericType(), get(component, value));
            }
        } else {
            throw unknown(of);
        }
    }

    private static Object read(WireReader in, Type of) {
        Class<?> plain = plain(of);
        if (plain == int.class || plain == Integer.class) {
            return in.getInt();
        }
        if (plain == long.class || plain == Long.class) {
            return in.getLong();
        }
        if (plain == double.class || plain == Double.class) {
            return in.getDouble();
        }
        if (plain == boolean.class || plain == Boolean.class) {
            return in.getBoolean();
        }
        if (plain == String.class) {
            return in.getText();
        }
        if (plain.isEnum()) {
            String name = in.getText();
            return Arrays.stream(plain.getEnumConstants())
                    .filter(constant -> ((Enum<?>) constant).name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + plain.getSimpleName() + " is called " + name));
        }
        return many(in, of, plain);
    }

    private static Object many(WireReader in, Type of, Class<?> plain) {
        if (plain == OptionalInt.class) {
            boolean isThere = in.getBoolean();
            int value = in.getInt();
            return isThere ? OptionalInt.of(value) : OptionalInt.empty();
        }
        if (plain == OptionalDouble.class) {
            boolean isThere = in.getBoolean();
            double value = in.getDouble();
            return isThere ? OptionalDouble.of(value) : OptionalDouble.empty();
        }
        if (plain == Optional.class) {
            return in.getOptional(from -> read(from, argument(of, 0)));
        }
        if (plain == List.class) {
            return in.getList(from -> read(from, argument(of, 0)));
        }
        if (plain == Map.class) {
            Map<String, Object> map = new LinkedHashMap<>();
            in.getList(from -> {
                map.put(from.getText(), read(from, argument(of, 1)));
                return true;
            });
            return map;
        }
        if (plain.isRecord()) {
            return made(in, plain);
        }
        throw unknown(of);
    }

    private static Object made(WireReader in, Class<?> type) {
        List<Class<?>> types = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            types.add(component.getType());
            values.add(read(in, component.getGenericType()));
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(new Class<?>[0]));
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("no valid " + type.getSimpleName() + ": " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object get(RecordComponent component, Object of) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> plain(Type type) {
        return type instanceof ParameterizedType of ? (Class<?>) of.getRawType() : (Class<?>) type;
    }

    private static Type argument(Type of, int at) {
        return ((ParameterizedType) of).getActualTypeArguments()[at];
    }

    private static IllegalStateException unknown(Type type) {
        return new IllegalStateException("values of type " + type + " do not travel");
    }
}
