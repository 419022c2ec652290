package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.Run;
import io.github.rlhf4j.RunBuilder;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Settings;
import io.github.rlhf4j.lab.Subject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Policies that are trained on the reward model by PPO and GRPO, and on its labels by DPO: gold and proxy after some numbers of steps, each going on from the one before. */
final class FollowedRewards {
    private static final String POLICY = "policy";
    private static final String START = "sft";

    private final Subject subject;
    private final Settings settings;
    private final double slope;

    /** @param slope utility a point of the reward model's score, among samples to one prompt */
    FollowedRewards(Subject subject, double slope) {
        this.subject = subject;
        this.settings = subject.settings();
        this.slope = slope;
    }

    /** Whether this run is one of those that policies are trained in. */
    boolean isWanted() {
        return settings.values("methods_where").entrySet().stream()
                .allMatch(wanted -> String.valueOf(subject.values().get(wanted.getKey()))
                        .equals(String.valueOf(wanted.getValue())));
    }

    void measure() {
        settings.values("methods").forEach((method, values) -> {
            if (!(values instanceof Map<?, ?> own) || !(own.get("steps") instanceof List<?> steps)) {
                throw new UserError("the page's setting methods." + method + " must be a map with steps");
            }
            Map<String, Object> keys = new LinkedHashMap<>();
            own.forEach((key, value) -> keys.put(String.valueOf(key), value));
            keys.remove("steps");
            List<Integer> ends = steps.stream()
                    .map(end -> Integer.valueOf(String.valueOf(end)))
                    .toList();
            keys.put(
                    "save_steps",
                    ends.get(0)); // the others are multiples of it, so that each goes on from the one before
            ends.forEach(end -> point(method, keys, end, end.equals(ends.get(0))));
        });
    }

    private void point(String method, Map<String, Object> keys, int steps, boolean isFirst) {
        subject.checkStop();
        Run trained = train(method, keys, steps, isFirst);
        Run evaluated = evaluate(trained.stage(method).modelFolder(), method + "-" + steps);
        double kl = Math.max(0, value(evaluated, POLICY, "kl"));
        double gold = value(evaluated, POLICY, "hidden_utility") - value(evaluated, START, "hidden_utility");
        double proxy = value(evaluated, POLICY, "reward") - value(evaluated, START, "reward");
        subject.add(
                Map.of("method", method, "judge", "one model", "steps", steps),
                Map.of(
                        "root_kl",
                        Math.sqrt(kl),
                        "gold_gain",
                        gold,
                        "proxy_gain",
                        proxy,
                        "proxy_gain_as_gold",
                        slope * proxy));
    }

    private Run train(String method, Map<String, Object> keys, int steps, boolean isFirst) {
        RunBuilder builder = subject.engine()
                .stage(method)
                .model(subject.run().stage(START).modelFolder())
                .set("max_steps", steps)
                .set(keys)
                .seed(subject.seed())
                .output(folder(method));
        if (method.equals("dpo")) { // as many labels as the reward model had
            builder.set("dataset", Map.of("path", "synthetic:preferences", "limit", labels()));
        } else {
            builder.dataset("synthetic:prompts")
                    .set(
                            "reward_model",
                            subject.run().stage("reward").modelFolder().toString());
        }
        return (isFirst ? builder.overwrite() : builder.resume()).run();
    }

    private int labels() {
        return Integer.parseInt(String.valueOf(subject.values().get("labels")));
    }

    private Run evaluate(Path policy, String name) {
        return subject.engine()
                .stage("evaluate")
                .set(
                        "models",
                        Map.of(
                                POLICY,
                                policy.toString(),
                                START,
                                subject.run().stage(START).modelFolder().toString()))
                .set("baseline", START)
                .dataset("synthetic:eval_prompts")
                .set("reward_model", subject.run().stage("reward").modelFolder().toString())
                .set("limit", settings.count("prompts"))
                .set("num_samples", settings.count("method_samples"))
                .set("max_new_tokens", settings.count("tokens"))
                .seed(subject.seed())
                .output(folder("evaluate-" + name))
                .overwrite()
                .run();
    }

    private Path folder(String name) {
        return subject.run().folder().resolve("followed").resolve(name);
    }

    private static double value(Run run, String model, String metric) {
        return RunMetric.of(run, "evaluate." + model + "." + metric)
                .orElseThrow(() -> new UserError("the evaluation has no " + metric + " of " + model));
    }
}
