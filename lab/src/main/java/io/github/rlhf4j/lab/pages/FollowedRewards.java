package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.Run;
import io.github.rlhf4j.RunBuilder;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Settings;
import io.github.rlhf4j.lab.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Policies that are trained on reward models by PPO and GRPO, and on their labels by DPO: gold and proxy after some numbers of steps, each going on from the one before. One evaluation has all of them. */
final class FollowedRewards {
    private static final String START = "sft";

    /** A policy that is evaluated. */
    private record Policy(FollowingMethod method, int steps) {
        String name() {
            return method.folder() + "_" + steps;
        }
    }

    private final Subject subject;
    private final Settings settings;
    private final double slope;

    /** @param slope utility a point of the reward model's score, among samples to one prompt */
    FollowedRewards(Subject subject, double slope) {
        this.subject = subject;
        this.settings = subject.settings();
        this.slope = slope;
    }

    void measure() {
        List<Policy> policies = new ArrayList<>();
        settings.values("methods").forEach((name, values) -> {
            FollowingMethod method = FollowingMethod.of(name, values);
            if (method.isWantedFor(subject.values())) {
                for (int steps : method.steps()) {
                    subject.checkStop();
                    policies.add(trained(method, steps));
                }
            }
        });
        if (!policies.isEmpty()) {
            Run evaluated = evaluated(policies);
            policies.forEach(policy -> add(policy, evaluated));
        }
    }

    private void add(Policy policy, Run evaluated) {
        FollowingMethod method = policy.method();
        Map<String, Double> metrics = new TreeMap<>();
        metrics.put("root_kl", Math.sqrt(Math.max(0, value(evaluated, policy.name(), "kl"))));
        metrics.put("gold_gain", gain(evaluated, policy.name(), "hidden_utility"));
        if (!method.byAllModels()) { // the evaluation scores with the first reward model only
            double proxy = gain(evaluated, policy.name(), "reward");
            metrics.put("proxy_gain", proxy);
            metrics.put("proxy_gain_as_gold", slope * proxy);
        }
        subject.add(
                Map.of(
                        "method",
                        method.type(),
                        "judge",
                        method.byAllModels() ? Overoptimization.ALL : Overoptimization.ONE,
                        "steps",
                        policy.steps()),
                metrics);
    }

    /** The policy after so many steps, copied from the folder in which training goes on. */
    private Policy trained(FollowingMethod method, int steps) {
        RunBuilder builder = subject.engine()
                .stage(method.type())
                .model(subject.run().stage(START).modelFolder())
                .set("max_steps", steps)
                .set("save_steps", method.steps().get(0)) // the others are multiples of it
                .set(method.keys())
                .seed(subject.seed())
                .output(folder("training").resolve(method.folder()));
        if (method.type().equals("dpo")) { // as many labels as the reward model had
            builder.set("dataset", Map.of("path", "synthetic:preferences", "limit", labels()));
        } else if (method.byAllModels()) {
            builder.dataset("synthetic:prompts")
                    .set(
                            "rewards",
                            List.of(Map.of(
                                    "model",
                                    Overoptimization.MODELS.stream()
                                            .map(this::model)
                                            .toList())));
        } else {
            builder.dataset("synthetic:prompts").set("reward_model", model(Overoptimization.MODELS.get(0)));
        }
        boolean isFirst = steps == method.steps().get(0);
        Run run = (isFirst ? builder.overwrite() : builder.resume()).run();
        Policy policy = new Policy(method, steps);
        copy(run.stage(method.type()).modelFolder(), folder(policy));
        return policy;
    }

    private static void copy(Path from, Path to) {
        AtomicFiles.writeDirectory(to, directory -> {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, directory.resolve(file.getFileName().toString()));
                }
            }
        });
    }

    private String model(String stage) {
        return subject.run().stage(stage).modelFolder().toString();
    }

    private int labels() {
        return Integer.parseInt(String.valueOf(subject.values().get("labels")));
    }

    private Run evaluated(List<Policy> policies) {
        Map<String, String> models = new LinkedHashMap<>();
        models.put(START, model(START));
        policies.forEach(policy -> models.put(policy.name(), folder(policy).toString()));
        return subject.engine()
                .stage("evaluate")
                .set("models", models)
                .set("baseline", START)
                .dataset("synthetic:eval_prompts")
                .set("reward_model", model(Overoptimization.MODELS.get(0)))
                .set("limit", settings.count("method_prompts"))
                .set("num_samples", settings.count("method_samples"))
                .set("max_new_tokens", settings.count("tokens"))
                .seed(subject.seed())
                .output(folder("evaluate"))
                .overwrite()
                .run();
    }

    private Path folder(String name) {
        return subject.run().folder().resolve("followed").resolve(name);
    }

    private Path folder(Policy policy) {
        return folder("policies").resolve(policy.name());
    }

    private static double gain(Run run, String policy, String metric) {
        return value(run, policy, metric) - value(run, START, metric);
    }

    private static double value(Run run, String model, String metric) {
        return RunMetric.of(run, "evaluate." + model + "." + metric)
                .orElseThrow(() -> new UserError("the evaluation has no " + metric + " of " + model));
    }
}
