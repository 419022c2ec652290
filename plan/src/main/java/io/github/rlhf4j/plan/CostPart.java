package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Time, energy and money on given hardware. */
record CostPart(PlanSubject subject, PlanOptions options, long length, TrainingPart training, Hardware hardware) {
    private static final double HOUR = 3600;
    private static final double KWH = 3.6e6; // joules

    void write(Page page) {
        Precision precision = options.training().precision();
        double reached = hardware.reached(precision);
        double seconds = training.flops() / reached;
        double deviceHours = seconds * hardware.devices() / HOUR;
        ObjectNode json = page.object("hardware");
        json.put("name", hardware.name());
        json.put("source", hardware.source());
        json.put("devices", hardware.devices());
        json.put("peak_flops", precision == Precision.FLOAT32 ? hardware.float32Peak() : hardware.peak());
        json.put("utilization", hardware.utilization());
        ObjectNode cost = page.object("cost");
        cost.put("seconds", seconds);
        cost.put("days", seconds / 86_400);
        cost.put("device_hours", deviceHours);
        page.line(
                "hardware",
                "%d x %s (%s): %s FLOP/s of each, %s of it reached",
                hardware.devices(),
                hardware.name(),
                hardware.source(),
                Units.rounded(precision == Precision.FLOAT32 ? hardware.float32Peak() : hardware.peak()),
                Units.percent(hardware.utilization()));
        page.line("time", "%s, %s device hours", Units.time(seconds), Units.significant(deviceHours));
        hardware.watts()
                .ifPresentOrElse(
                        watts -> {
                            double energy = seconds * hardware.devices() * watts / KWH;
                            json.put("watts", watts);
                            cost.put("energy_kwh", energy);
                            page.line(
                                    "energy",
                                    "%s kWh at %s W each, without cooling",
                                    Units.significant(energy),
                                    Units.significant(watts));
                        },
                        () -> page.line("energy", "unknown: give --watts"));
        hardware.price()
                .ifPresentOrElse(
                        price -> {
                            json.put("price_per_hour", price);
                            cost.put("price", deviceHours * price);
                            page.line(
                                    "money",
                                    "%s at %s a device hour",
                                    Units.significant(deviceHours * price),
                                    Units.significant(price));
                        },
                        () -> page.line("money", "unknown: give --price"));
        fits(page, json);
        serving(page, cost);
    }

    private void fits(Page page, ObjectNode json) {
        hardware.memory().ifPresent(memory -> {
            double all = memory * hardware.devices();
            double needed = new MemoryPart(subject, options, length).memory().total();
            json.put("memory", memory);
            json.put("fits", needed <= all);
            page.line(
                    "fits",
                    needed <= all
                            ? "training takes %s of the %s of memory"
                            : "no: training takes %s, and there are %s; more --devices, an adapter, checkpointing or a smaller batch",
                    Units.bytes(needed),
                    Units.bytes(all));
        });
    }

    /** A token takes at least the time in which its weights and its cache are read, and its operations. On as many devices as hold them. */
    private void serving(Page page, ObjectNode cost) {
        if (hardware.bandwidth().isEmpty()
                || hardware.memory().isEmpty()
                || subject.shape().isEmpty()) {
            return;
        }
        ModelShape shape = subject.shape().get();
        long batch = options.workload().batchSize();
        double cache = (double) batch * WeightBits.BFLOAT16.bytes(shape.cached(length));
        double held = WeightBits.BFLOAT16.bytes(subject.parameters().total()) + cache;
        double devices = Math.ceil(held / hardware.memory().getAsDouble());
        double read = WeightBits.BFLOAT16.bytes(subject.parameters().active()) + cache;
        double flops = batch * (double) new Flops(shape, subject.parameters(), length).forward();
        double seconds =
                Math.max(read / (hardware.bandwidth().getAsDouble() * devices), flops / (hardware.peak() * devices));
        cost.put("serving_devices", (long) devices);
        cost.put("seconds_per_token_bound", seconds);
        page.line(
                "generating",
                "at most %s tokens/s of each of %d sequences of %s tokens on %.0f x %s, bfloat16: weights and cache are read for each token",
                Units.significant(1 / seconds),
                batch,
                Units.exact(length),
                devices,
                hardware.name());
    }
}
