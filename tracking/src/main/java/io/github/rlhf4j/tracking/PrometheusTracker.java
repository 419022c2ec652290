package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.NumberKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * {@code prometheus}: http://127.0.0.1:PORT/metrics in Prometheus' text format while the run goes on: the last value of each metric, the step, the number of steps, and a count of samples. Runs of one
 * process that name one port share it.
 */
final class PrometheusTracker implements Tracker {
    private static final NumberKey<Long> PORT =
            ConfigKey.whole("port", 9464).atLeast(0).atMost(65_535);

    private final MetricsPage page;
    private final String run;

    private PrometheusTracker(MetricsPage page, String run) {
        this.page = page;
        this.run = run;
    }

    /** Makes it. */
    static final class Factory implements TrackerFactory {
        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(
                    PORT.meaning("where http://127.0.0.1:PORT/metrics is; 0: any that is free, which is printed"));
        }

        @Override
        public Tracker open(TrackedRun run, GivenKeys given) {
            int port = given.get(PORT).intValue();
            try {
                MetricsPage page = MetricsPage.open(port);
                run.console().line("[prometheus] http://127.0.0.1:" + page.port() + "/metrics");
                return new PrometheusTracker(page, run.name());
            } catch (IOException e) {
                throw new UserError(
                        "report_to.prometheus.port " + port + " cannot be listened to (" + e.getMessage()
                                + "); name another port, or 0 for any that is free",
                        e);
            }
        }
    }

    @Override
    public void beginStage(TrackedStage stage, Iterable<StageRecord> kept) {
        page.forget(run, stage.name());
        page.put(run, stage.name(), "rlhf4j_stage_running", 1);
        kept.forEach(record -> record(stage, record));
    }

    @Override
    public void record(TrackedStage stage, StageRecord record) {
        if (record.kind() == StageRecord.Kind.SAMPLE) {
            page.add(run, stage.name(), "rlhf4j_samples_total", 1);
            return;
        }
        record.numbers().forEach((name, value) -> page.put(run, stage.name(), "rlhf4j_" + name, value));
        page.put(run, stage.name(), "rlhf4j_logged_step", record.step());
    }

    @Override
    public void step(TrackedStage stage, long step, long steps) {
        page.put(run, stage.name(), "rlhf4j_step", step);
        page.put(run, stage.name(), "rlhf4j_steps", steps);
    }

    @Override
    public void endStage(TrackedStage stage, Map<String, Double> results) {
        results.forEach((name, value) -> page.put(run, stage.name(), "rlhf4j_result_" + name, value));
        page.put(run, stage.name(), "rlhf4j_stage_running", 0);
    }

    @Override
    public void end(Outcome outcome) {
        page.close();
    }
}
