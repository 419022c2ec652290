package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.pipeline.run.EnergyMeter;
import io.github.rlhf4j.plan.Plan;
import io.github.rlhf4j.plan.PlanOptions;
import io.github.rlhf4j.plan.PlanSubject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page electricity: energy of training models of several sizes, and of their answers. */
public final class Electricity implements Measure {
    private static final double GIGA = 1e9;

    @Override
    public void measure(Subject subject) {
        EnergyMeter meter =
                EnergyMeter.of(EnergyMeter.POWERCAP, subject.settings().number("watts"));
        for (double hidden : subject.settings().numbers("hidden")) {
            subject.checkStop();
            List<Run> runs = new ArrayList<>();
            EnergyMeter.Reading training =
                    meter.read(() -> runs.add(train(subject, "hidden-" + (int) hidden, (int) hidden)));
            try (LanguageModel model = runs.get(0).stage("pretrain").model()) {
                subject.add(
                        Map.of("hidden", (int) hidden, "source", meter.source()),
                        metrics(subject, meter, training, model));
            }
        }
    }

    private static Map<String, Double> metrics(
            Subject subject, EnergyMeter meter, EnergyMeter.Reading training, LanguageModel model) {
        double tokens = (double) tokens(subject);
        double flops = Plan.of(PlanSubject.of("electricity", model.transformer().config()), PlanOptions.DEFAULT)
                        .json()
                        .at("/flops_per_token/forward_backward")
                        .asDouble()
                * tokens;
        int answers = subject.settings().count("answers");
        GenerationOptions options = GenerationOptions.builder()
                .maxNewTokens(subject.settings().count("tokens"))
                .seed(subject.seed())
                .build();
        List<GeneratedText> texts = new ArrayList<>();
        EnergyMeter.Reading answering =
                meter.read(() -> texts.addAll(model.generate(Collections.nCopies(answers, ""), options)));
        double written =
                texts.stream().mapToInt(text -> text.tokens().ids().length).sum();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("gflop", flops / GIGA);
        metrics.put("seconds", training.seconds());
        metrics.put("processor_seconds", training.processorSeconds());
        metrics.put("training_joules", training.joules());
        metrics.put("training_kwh", training.kwh());
        metrics.put("gflop_per_joule", flops / GIGA / training.joules());
        metrics.put("millijoules_per_training_token", 1000 * training.joules() / tokens);
        metrics.put("millijoules_per_answer_token", 1000 * answering.joules() / written);
        metrics.put("answers_for_a_training", training.joules() / (answering.joules() / answers));
        return metrics;
    }

    private static long tokens(Subject subject) {
        return (long) subject.settings().count("steps")
                * subject.settings().count("batch")
                * subject.settings().count("length");
    }

    private static Run train(Subject subject, String name, int hidden) {
        int length = subject.settings().count("length");
        return subject.engine()
                .stage("pretrain")
                .dataset("synthetic:pretrain")
                .set("tokenizer.vocab_size", 512)
                .set("architecture.hidden_size", hidden)
                .set("architecture.intermediate_size", 3 * hidden)
                .set("architecture.num_hidden_layers", subject.settings().count("layers"))
                .set("architecture.num_attention_heads", hidden / 16)
                .set("architecture.max_position_embeddings", length)
                .set("max_length", length)
                .set("batch_size", subject.settings().count("batch"))
                .set("max_steps", subject.settings().count("steps"))
                .set("learning_rate", 3e-3)
                .seed(subject.seed())
                .output(subject.run().folder().resolve("sizes").resolve(name))
                .overwrite()
                .run();
    }

    /** What a joule does here, and what the table's runs would take if a joule did as much. */
    @Override
    public void conclude(Findings findings) {
        double best = findings.groups().stream()
                .mapToDouble(group -> group.number("gflop_per_joule"))
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElse(Double.NaN);
        findings.settings().values("published").forEach((name, values) -> {
            if (values instanceof Map<?, ?> own
                    && own.get("gflop") instanceof Number gflop
                    && own.get("mwh") instanceof Number mwh) {
                findings.add(
                        Map.of("published", name),
                        Map.of(
                                "published_mwh",
                                mwh.doubleValue(),
                                "gflop_per_joule",
                                gflop.doubleValue() / (mwh.doubleValue() * 3.6e9),
                                "mwh_as_here",
                                gflop.doubleValue() / best / 3.6e9));
            }
        });
    }
}
