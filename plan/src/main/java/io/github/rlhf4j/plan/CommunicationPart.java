package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What workers exchange. */
record CommunicationPart(PlanSubject subject, PlanOptions options, long length, PlanOptions.Network network) {
    private static final double SHARE = 0.9;

    void write(Page page) {
        double tokens = (double) options.workload().batchSize() * length;
        Communication of = new Communication(
                subject.parameters().total(), subject.parameters().active(), tokens, network);
        ObjectNode json = page.object("communication");
        json.put("workers", network.workers());
        json.put("bits_per_second", network.bitsPerSecond());
        json.put("every", network.every());
        json.put("tokens_per_worker", tokens);
        json.put("gradient_bytes", of.gradientBytes());
        json.put("ring_bytes", of.ringBytes());
        json.put("ring_seconds", of.ringSeconds());
        json.put("driver_bytes", of.driverBytes());
        json.put("driver_seconds", of.driverSeconds());
        page.line(
                "communication",
                "%d workers, %s bit/s, %s",
                network.workers(),
                Units.rounded(network.bitsPerSecond()),
                network.every() == 1 ? "each step" : "every " + network.every() + " steps, a step's share of it");
        page.line(
                "",
                "float32 gradients %s; ring %s a worker in %s; driver and broadcast %s in %s",
                Units.bytes(of.gradientBytes()),
                Units.bytes(of.ringBytes()),
                Units.time(of.ringSeconds()),
                Units.bytes(of.driverBytes()),
                Units.time(of.driverSeconds()));
        options.hardware()
                .ifPresentOrElse(
                        hardware -> beside(of, hardware, page, json),
                        () -> page.line("", "beside compute: give --hardware or --peak"));
    }

    /** One worker is all the given devices. */
    private void beside(Communication of, Hardware hardware, Page page, ObjectNode json) {
        double flops = hardware.reached(options.training().precision());
        json.put("compute_seconds", of.computeSeconds(flops));
        json.put("ratio", of.ratio(flops));
        json.put("efficiency", of.efficiency(flops));
        json.put("tokens_for_90_percent", of.tokensFor(SHARE, flops));
        page.line(
                "",
                "a worker computes %s a step of %s tokens: communication / compute = %s, so it computes %s of the time (ring)",
                Units.time(of.computeSeconds(flops)),
                Units.rounded(of.tokens()),
                Units.significant(of.ratio(flops)),
                Units.percent(of.efficiency(flops)));
        json.put("driver_efficiency", of.driverEfficiency(flops));
        json.put("speed_up", of.speedUp(flops));
        page.line(
                "",
                "through the driver, as replicas of this program: %s of the time; all workers do %s times the tokens of one",
                Units.percent(of.driverEfficiency(flops)),
                Units.significant(of.speedUp(flops)));
        page.line(
                "",
                "90 %% takes %s tokens of each worker between exchanges",
                Units.rounded(of.tokensFor(SHARE, flops)));
    }
}
