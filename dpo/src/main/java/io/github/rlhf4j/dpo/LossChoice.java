package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which losses a run mixes, by name: what a worker makes them of. It knows the built-in ones.
 *
 * @param names at least one
 * @param weights one for each
 * @param beta strength of the pull towards the reference
 * @param keys what is given of the losses' own keys
 */
record LossChoice(List<String> names, List<Double> weights, double beta, GivenKeys keys) {
    /**
     * Requires that workers can make them.
     *
     * @throws UserError naming one that is a plugin's
     */
    void requireBuiltIn() {
        Set<String> known = PreferenceLosses.builtIn().keySet();
        names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new UserError(
                    "loss_type " + name + " is not built in, so it does not go with local_steps or shards > 1:"
                            + " workers know the built-in losses, " + String.join(", ", known));
        });
    }

    /** The mixture of built-in losses. */
    PreferenceLoss loss() {
        Map<String, PreferenceLossFactory> builtIn = PreferenceLosses.builtIn();
        LossOptions options = LossOptions.of(beta, keys);
        List<PreferenceLoss> losses = new ArrayList<>();
        for (String name : names) {
            PreferenceLossFactory factory = builtIn.get(name);
            if (factory == null) {
                throw new IllegalStateException("there is no built-in loss " + name);
            }
            losses.add(factory.create(options.declaring(factory.keys())));
        }
        return PreferenceLosses.mixture(losses, weights);
    }

    void write(WireWriter out) {
        out.putList(names, WireWriter::putText).putList(weights, WireWriter::putDouble);
        out.putDouble(beta);
        out.putList(
                List.copyOf(keys.byName().entrySet()),
                (to, key) -> to.putText(key.getKey()).putText(text(key.getValue())));
    }

    private static String text(Object value) {
        return value instanceof Enum<?> constant ? constant.name() : String.valueOf(value);
    }

    static LossChoice read(WireReader in) {
        List<String> names = in.getList(WireReader::getText);
        List<Double> weights = in.getList(WireReader::getDouble);
        double beta = in.getDouble();
        Map<String, ConfigKey<?>> declared = new LinkedHashMap<>();
        PreferenceLosses.builtIn()
                .values()
                .forEach(factory -> factory.keys().forEach(key -> declared.put(key.name(), key)));
        Map<ConfigKey<?>, Object> given = new LinkedHashMap<>();
        in.getList(from -> Map.entry(from.getText(), from.getText())).forEach(entry -> {
            ConfigKey<?> key = declared.get(entry.getKey());
            if (key == null) {
                throw new IllegalStateException("no built-in loss has the key " + entry.getKey());
            }
            given.put(key, value(key.type(), entry.getValue()));
        });
        return new LossChoice(names, weights, beta, GivenKeys.of(given));
    }

    private static Object value(Class<?> type, String text) {
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                if (text(constant).equals(text)) {
                    return constant;
                }
            }
            throw new IllegalStateException("no " + type.getSimpleName() + " is called " + text);
        }
        if (type == Double.class) {
            return Double.valueOf(text);
        }
        if (type == Long.class) {
            return Long.valueOf(text);
        }
        return type == Boolean.class ? Boolean.valueOf(text) : text;
    }
}
