package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of run files as bytes for another process, with the places that they came from. */
public final class ConfigWire {
    private static final int SCALAR = 0;
    private static final int ITEMS = 1;
    private static final int ENTRIES = 2;

    private ConfigWire() {}

    /** Writes values by their keys, in their order. */
    public static void write(WireWriter out, Map<String, ConfigValue> values) {
        out.putList(List.copyOf(values.entrySet()), (to, entry) -> {
            to.putText(entry.getKey());
            write(to, entry.getValue());
        });
    }

    private static void write(WireWriter out, ConfigValue value) {
        out.putText(value.origin().text());
        if (value instanceof ConfigValue.Scalar scalar) {
            out.putInt(SCALAR).putText(scalar.text()).putBoolean(scalar.quoted());
        } else if (value instanceof ConfigValue.Items list) {
            out.putInt(ITEMS).putList(list.items(), ConfigWire::write);
        } else if (value instanceof ConfigValue.Entries map) {
            out.putInt(ENTRIES);
            write(out, map.entries());
        }
    }

    /** Reads what {@link #write(WireWriter, Map)} wrote. */
    public static Map<String, ConfigValue> read(WireReader in) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        in.getList(from -> {
            String key = from.getText();
            values.put(key, value(from));
            return key;
        });
        return values;
    }

    private static ConfigValue value(WireReader in) {
        Origin origin = new Origin(in.getText());
        int kind = in.getInt();
        return switch (kind) {
            case SCALAR -> new ConfigValue.Scalar(in.getText(), in.getBoolean(), origin);
            case ITEMS -> new ConfigValue.Items(in.getList(ConfigWire::value), origin);
            case ENTRIES -> new ConfigValue.Entries(read(in), origin);
            default -> throw new IllegalStateException("no kind of values is " + kind);
        };
    }
}
