package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.lab.Settings;
import io.github.rlhf4j.lab.Subject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains a translator until it has met so many sentences and done so many operations, whichever is later, and tests it at both points: equal experience and equal work.
 *
 * <p>A step's sentences have one number of clauses, drawn by step, so that little of a batch is padding. Each number has the same share of the training's words, so short sentences are the more frequent.
 */
final class TranslationTraining {
    private static final int PARTS = 16; // points of a curve

    private final Subject subject;
    private final TranslationModel kind;
    private final SentencePairs data;
    private final Translator model;
    private final Settings settings;
    private final int batch;
    private final int clauses;
    private final SentenceLengths lengths;
    private long sentences;
    private double gigaflops;
    private double seconds;
    private double lastLoss; // mean of the last part of a curve

    TranslationTraining(Subject subject, TranslationModel kind, SentencePairs data, Translator model) {
        this.subject = subject;
        this.kind = kind;
        this.data = data;
        this.model = model;
        settings = subject.settings();
        batch = settings.count("batch_size");
        clauses = settings.count("clauses");
        lengths = new SentenceLengths(clauses, CounterRandom.of(subject.seed()).derive("lengths"));
    }

    void run() {
        double enoughSentences = settings.number("sentences");
        double enoughGigaflops = settings.number("gigaflops");
        Curve bySentences = new Curve("sentences", enoughSentences);
        Curve byWork = new Curve("gigaflops", enoughGigaflops);
        boolean isTestedBySentences = false;
        boolean isTestedByWork = kind.isOfWidth(); // widths are compared at equal experience alone
        try (Progress progress = subject.progress("train " + kind.name(), expected(), "sentences")) {
            for (long step = 0; !isTestedBySentences || !isTestedByWork; step++) {
                subject.checkStop();
                double loss = train(step);
                progress.advance(batch, () -> String.format(Locale.ROOT, "loss %.3f", loss));
                bySentences.add(sentences, loss);
                byWork.add(gigaflops, loss);
                if (!isTestedBySentences && sentences >= enoughSentences) {
                    isTestedBySentences = true;
                    test("sentences");
                }
                if (!isTestedByWork && gigaflops >= enoughGigaflops) {
                    isTestedByWork = true;
                    test("operations");
                }
            }
        }
    }

    /** Sentences until both budgets are spent, about. */
    private long expected() {
        int words = (int) Math.round(6 * lengths.mean());
        double each = 3e-9 * model.forwardFlops(words, words);
        double ofWork = kind.isOfWidth() ? 0 : settings.number("gigaflops") / each;
        return (long) Math.max(settings.number("sentences"), ofWork);
    }

    private double train(long step) {
        List<TokenPair> pairs = data.training(lengths.clauses(step), batch, step);
        long start = System.nanoTime();
        double loss = model.train(pairs);
        seconds += (System.nanoTime() - start) / 1e9;
        sentences += pairs.size();
        gigaflops += model.trainingFlops(pairs) / 1e9;
        return loss;
    }

    private void test(String equal) {
        double exact = 0;
        for (int n = 1; n <= clauses; n++) {
            List<TokenPair> pairs = data.heldOut(n, settings.count("tests"));
            List<int[]> translations =
                    model.translate(pairs.stream().map(TokenPair::source).toList(), 8 * n + 8);
            Accuracy accuracy = Accuracy.of(pairs, translations);
            exact += accuracy.exact() / clauses;
            subject.add(
                    Map.of("study", study(), "equal", equal, "words", 6 * n - 1),
                    Map.of("exact", accuracy.exact(), "token", accuracy.token()));
        }
        subject.add(
                Map.of("study", study(), "equal", equal),
                Map.of(
                        "mean_exact", exact,
                        "last_loss", lastLoss,
                        "parameters", (double) model.parameters(),
                        "sentences", (double) sentences,
                        "gigaflops", gigaflops,
                        "training_seconds", seconds,
                        "gigaflops_per_second", gigaflops / seconds));
    }

    private String study() {
        return kind.isOfWidth() ? "width" : "model";
    }

    /** The loss of fresh sentences in equal parts of a budget. */
    private final class Curve {
        private final String name;
        private final double budget;
        private double sum;
        private long steps;
        private int part;

        Curve(String name, double budget) {
            this.name = name;
            this.budget = budget;
        }

        void add(double spent, double loss) {
            sum += loss;
            steps++;
            if (part < PARTS && spent >= budget * (part + 1) / PARTS) {
                part++;
                lastLoss = sum / steps;
                subject.add(
                        Map.of("study", study(), "by", name, "spent", budget * part / PARTS), Map.of("loss", lastLoss));
                sum = 0;
                steps = 0;
            }
        }
    }
}
