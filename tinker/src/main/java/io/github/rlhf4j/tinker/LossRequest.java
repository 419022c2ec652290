package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call of forward or forward_backward.
 *
 * @param data that the loss is of
 * @param loss its name
 * @param config its numbers, by name
 * @param forwardOnly whether there are no gradients
 */
record LossRequest(List<Datum> data, String loss, Map<String, Double> config, boolean forwardOnly) {
    /**
     * Whose turn it is.
     *
     * @param model id
     * @param number of the request, from 1 on
     */
    record Envelope(String model, long number) {
        static Envelope read(byte[] body) {
            WireReader in = new WireReader(body);
            String model = "";
            long number = 0;
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> model = in.text();
                    case 2 -> number = in.varint();
                    default -> in.skip();
                }
            }
            return new Envelope(model, number);
        }
    }

    /** Reads the SDK's message. */
    static LossRequest read(byte[] body) {
        WireReader in = new WireReader(body);
        List<Datum> data = new ArrayList<>();
        String loss = "";
        Map<String, Double> config = new TreeMap<>();
        boolean forwardOnly = false;
        while (in.next()) {
            switch (in.field()) {
                case 3 -> data.add(Datum.read(in.message()));
                case 4 -> loss = in.text();
                case 5 -> entry(in.message(), config, false);
                case 6 -> forwardOnly = in.varint() != 0;
                case 7 -> entry(in.message(), config, true);
                default -> in.skip();
            }
        }
        if (data.isEmpty()) {
            throw new UserError("there is no data");
        }
        return new LossRequest(data, loss, config, forwardOnly);
    }

    private static void entry(WireReader entry, Map<String, Double> config, boolean isNested) {
        String name = "";
        while (entry.next()) {
            if (entry.field() == 1) {
                name = entry.text();
            } else if (entry.field() == 2 && isNested) {
                WireReader value = entry.message();
                while (value.next()) {
                    if (value.field() != 1) {
                        throw new UserError("loss_fn_config." + name + " must be a number");
                    }
                    config.put(name, value.number());
                }
            } else if (entry.field() == 2) {
                config.put(name, entry.number());
            } else {
                entry.skip();
            }
        }
    }
}
