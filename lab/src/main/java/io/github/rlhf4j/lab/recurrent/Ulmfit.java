package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Settings;
import io.github.rlhf4j.lab.Subject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The page ulmfit: what pre-training is worth to a text classifier, by the number of labels. */
public final class Ulmfit implements Measure {
    @Override
    public void measure(Subject subject) {
        PersonTexts data = new PersonTexts(subject.seed(), subject.settings().count("people"));
        try (CpuKernels kernels = new CpuKernels(1)) {
            TextModels models = TextModels.named(
                    String.valueOf(subject.values().get("model")), subject.settings(), data.vocabulary(), kernels);
            try (TextModel pretrained = models.create("pre-training", "pretraining_learning_rate", subject.seed())) {
                pretrain(subject, data, pretrained);
                for (double labels : subject.settings().numbers("labels")) {
                    classify(subject, data, models, pretrained, (int) labels);
                }
            }
        }
    }

    private static void pretrain(Subject subject, PersonTexts data, TextModel model) {
        Settings settings = subject.settings();
        long start = System.nanoTime();
        double loss = 0;
        int steps = settings.count("pretraining_steps");
        try (Progress progress = subject.progress("pre-train", steps, "steps")) {
            for (int step = 0; step < steps; step++) {
                subject.checkStop();
                loss = model.train(data.unlabelled(settings.count("pretraining_batch_size"), step));
                progress.advance(1);
            }
        }
        subject.add(
                Map.of("stage", "pre-training"),
                Map.of(
                        "loss",
                        loss,
                        "parameters",
                        (double) model.parameters(),
                        "seconds",
                        (System.nanoTime() - start) / 1e9));
    }

    private static void classify(
            Subject subject, PersonTexts data, TextModels models, TextModel pretrained, int labels) {
        String name = String.valueOf(subject.values().get("model"));
        for (String start : List.of("pre-trained", "from scratch")) {
            boolean isFromScratch = start.equals("from scratch");
            String rate = isFromScratch ? "learning_rate" : "fine_tuning_learning_rate";
            try (TextModel model = models.create(start + labels, rate, subject.seed())) {
                if (!isFromScratch) {
                    models.copy(pretrained, model);
                }
                if (labels > 0) {
                    train(subject, data, model, labels);
                }
                subject.add(
                        Map.of("start", start, "case", name + ", " + start, "labels", labels),
                        Map.of("accuracy", accuracy(subject, data, model)));
            }
        }
    }

    /** The same steps however the model began; texts are drawn again and again where there are few. */
    private static void train(Subject subject, PersonTexts data, TextModel model, int labels) {
        Settings settings = subject.settings();
        List<TokenSequence> texts = data.labelled(false, labels);
        int batch = settings.count("batch_size");
        int steps =
                Math.max(settings.count("least_steps"), (int) Math.ceil(settings.number("epochs") * labels / batch));
        CounterRandom order = CounterRandom.of(subject.seed()).derive("order").derive(labels);
        for (int step = 0; step < steps; step++) {
            subject.checkStop();
            int first = step * batch;
            model.train(IntStream.range(first, first + batch)
                    .mapToObj(i -> texts.get(order.below(i, labels)))
                    .toList());
        }
    }

    private static double accuracy(Subject subject, PersonTexts data, TextModel model) {
        List<TokenSequence> tests = data.labelled(true, subject.settings().count("tests"));
        int[] classes = data.classes();
        List<int[]> prompts = tests.stream()
                .map(text -> Arrays.copyOf(text.ids(), text.length() - 1))
                .toList();
        int[] chosen = model.choose(prompts, classes);
        return IntStream.range(0, chosen.length)
                        .filter(i -> {
                            int[] ids = tests.get(i).ids();
                            return classes[chosen[i]] == ids[ids.length - 1];
                        })
                        .count()
                / (double) chosen.length;
    }
}
