package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.http.Endpoint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * {@code mlflow}: a run of MLflow for the run, and one nested in it for each stage, with parameters, metrics and results.
 *
 * <p>A thread of its own sends what is in the stages' metrics.jsonl. While the server is away it tries again, less and less often; when the run ends it waits for {@code patience} seconds. What is not
 * sent by then is sent by the next {@code --resume}, which goes on with the same runs of MLflow: what they have already they are not told again.
 */
final class MlflowTracker implements Tracker {
    private static final ConfigKey<String> URL = ConfigKey.text("url")
            .meaning(
                    "the server, such as http://localhost:5000; with MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, from the environment");
    private static final ConfigKey<String> EXPERIMENT =
            ConfigKey.text("experiment", "rlhf4j").meaning("the experiment's name, made where there is none");
    private static final ConfigKey<Double> PATIENCE = ConfigKey.number("patience", 30)
            .atLeast(0)
            .atMost(86_400)
            .meaning("seconds that the end of the run waits for a server that is away");
    private static final Duration TIMEOUT = Duration.ofSeconds(20); // of one request

    private final MlflowSender sender;

    private MlflowTracker(MlflowSender sender) {
        this.sender = sender;
    }

    /** Makes it. */
    static final class Factory implements TrackerFactory {
        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(URL, EXPERIMENT, PATIENCE);
        }

        @Override
        public void check(GivenKeys given) {
            Endpoint.of("url", given.get(URL));
            ConfigException.checkConfig(
                    !given.get(EXPERIMENT).isBlank(), "experiment", "empty", "must be the name of an experiment");
        }

        @Override
        public Tracker open(TrackedRun run, GivenKeys given) {
            MlflowClient client = new MlflowClient(withKey(Endpoint.of("url", given.get(URL))), TIMEOUT);
            MlflowSender sender = new MlflowSender(run, client, given.get(EXPERIMENT), given.get(PATIENCE));
            sender.start();
            return new MlflowTracker(sender);
        }
    }

    /** As MLflow's own client finds its keys. */
    private static Endpoint withKey(Endpoint endpoint) {
        Map<String, String> environment = System.getenv();
        String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
        if (!token.isEmpty()) {
            return endpoint.with("Authorization", "Bearer " + token);
        }
        String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
        if (user.isEmpty()) {
            return endpoint;
        }
        String pair = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
        return endpoint.with(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void beginStage(TrackedStage stage, Iterable<StageRecord> kept) {
        sender.begin(stage, kept.iterator().hasNext());
    }

    @Override
    public void record(TrackedStage stage, StageRecord record) {
        if (record.kind() == StageRecord.Kind.METRICS) {
            sender.wake();
        }
    }

    @Override
    public void endStage(TrackedStage stage, Map<String, Double> results) {
        sender.done(stage.name(), results);
    }

    @Override
    public void end(Outcome outcome) {
        sender.end(outcome);
    }
}
