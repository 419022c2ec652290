package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.WebServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * A server that the Tinker SDK trains and samples on.
 *
 * <pre>{@code
 * try (LanguageModel model = rlhf4j.languageModel(folder);
 *         TinkerServer server = TinkerServer.start(List.of(base(model)), settings, WebServer.builder().port(8001))) {
 *     ...
 * }
 * }</pre>
 *
 * <p>One thread computes all, so that the models, which are the caller's, must be used for nothing else until {@link #close}.
 */
public final class TinkerServer implements AutoCloseable {
    private static final String API = "/api/v1/";

    private final WebServer server;
    private final Engine engine;
    private boolean stopped;

    private TinkerServer(WebServer server, Engine engine) {
        this.server = server;
        this.engine = engine;
    }

    /**
     * Starts it.
     *
     * @param models that clients can train and sample from
     * @param builder where it listens, and to whom; routes and the form of errors are added
     */
    public static TinkerServer start(List<BaseModel> models, TinkerSettings settings, WebServer.Builder builder) {
        return start(models, settings, builder, InstantSource.system());
    }

    static TinkerServer start(
            List<BaseModel> models, TinkerSettings settings, WebServer.Builder builder, InstantSource clock) {
        BaseModels bases = new BaseModels(models);
        Store store = new Store(settings.folder(), clock);
        Sessions sessions = new Sessions(store);
        Results results = new Results(settings.patience());
        Samplers samplers = new Samplers(settings);
        Engine engine = new Engine(samplers);
        Tasks tasks = new Tasks(engine, results);
        Training training = new Training(bases, settings, store, sessions, tasks);
        Sampling sampling = new Sampling(bases, settings, store, sessions, samplers, tasks);
        engine.also(training::tidy, training::close);
        try {
            service(builder, bases, sessions);
            training(builder, training, results);
            sampling(builder, sampling, sessions);
            saved(builder, new SavedEndpoint(store, training), sessions);
            return new TinkerServer(builder.errors(Failure::body).start(), engine);
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private static void service(WebServer.Builder builder, BaseModels bases, Sessions sessions) {
        builder.open(API + "healthz", call -> Answer.json(Map.of("status", "ok")))
                .post(API + "client/config", call -> Answer.json(clientConfig()))
                .post(API + "client/dynamic_config", call -> Answer.json(Map.of("sample_cancel_enabled", true)))
                .get(API + "get_server_capabilities", call -> bases.capabilities())
                .post(API + "telemetry", call -> Answer.json(Map.of("status", "accepted")))
                .post(API + "create_session", sessions::create)
                .post(API + "session_heartbeat", sessions::heartbeat);
    }

    /** How the SDK is to behave: so many requests at once as there are threads to wait for their results. */
    private static ObjectNode clientConfig() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("pjwt_auth_enabled", false)
                .put("proto_compress_fwdbwd", false)
                .put("parallel_fwdbwd_chunks", true)
                .put("use_pyqwest_transport", false)
                .put("custom_loss_server_side", false)
                .put("sample_use_retrieve_futures", false)
                .put("sample_join_sampling_session", true)
                .put("sample_enable_stuck_detection", false)
                .put("sample_max_concurrent_requests", 64);
    }

    private static void training(WebServer.Builder builder, Training training, Results results) {
        builder.post(API + "create_model", training::create)
                .post(API + "get_info", training::info)
                .post(API + "forward_backward", training::compute)
                .post(API + "optim_step", training::update)
                .post(API + "save_weights", training::save)
                .post(API + "save_weights_for_sampler", training::saveForSampler)
                .post(API + "load_weights", training::load)
                .post(API + "retrieve_future", call -> results.retrieve(call.json()))
                .post(API + "sessions/{id}/finish", training::finish);
    }

    private static void sampling(WebServer.Builder builder, Sampling sampling, Sessions sessions) {
        builder.post(API + "create_sampling_session", sampling::create)
                .post(API + "join_sampling_session", sessions::join)
                .post(API + "asample", sampling::sample)
                .post(API + "cancel_future", sampling::cancel)
                .get(API + "samplers/{id}", sessions::describeSampler);
    }

    private static void saved(WebServer.Builder builder, SavedEndpoint saved, Sessions sessions) {
        builder.get(API + "training_runs", saved::list)
                .get(API + "training_runs/{run}", saved::run)
                .get(API + "training_runs/{run}/checkpoints", saved::checkpoints)
                .route("DELETE", API + "training_runs/{run}/checkpoints/{kind}/{name}", saved::delete)
                .route("PUT", API + "training_runs/{run}/checkpoints/{kind}/{name}/ttl", saved::expire)
                .get(API + "checkpoints", saved::all)
                .post(API + "weights_info", saved::info)
                .get(API + "sessions", call -> sessions.list())
                .get(API + "sessions/{id}", call -> sessions.describe(call.variable("id"), saved.runs()));
    }

    /** Such as {@code http://127.0.0.1:8001}: the SDK's base_url. */
    public String origin() {
        return server.origin();
    }

    /** Ends it: new requests are refused, running ones may finish within {@code grace}. */
    public synchronized void stop(Duration grace) {
        if (stopped) {
            return;
        }
        stopped = true;
        server.stop(grace);
        engine.close();
    }

    /** Ends it at once. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
