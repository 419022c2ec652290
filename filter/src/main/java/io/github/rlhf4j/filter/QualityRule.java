package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Permutation;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.filter.text.AreaUnderCurve;
import io.github.rlhf4j.filter.text.NGramClassifier;
import io.github.rlhf4j.filter.text.TextHash;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows that a classifier, trained on given texts, takes for bad ones. A fifth of the texts is held out and says how well it tells them. */
final class QualityRule implements RowRule {
    private static final int EPOCHS = 5;
    private static final double LEARNING_RATE = 0.1;
    private static final int HELD_OUT_OF = 5;
    private static final long HOLD_OUT_SEED = 1;
    private static final double THRESHOLD = 0.5;

    private final NGramClassifier classifier;
    private final double threshold;

    private QualityRule(NGramClassifier classifier, double threshold) {
        this.classifier = classifier;
        this.threshold = threshold;
    }

    /** Trains it; what was held out is noted and summarised. */
    static QualityRule train(ClassifierConfig config, TextPart part, Datasets datasets, StageContext context) {
        try (RecordSet<DataRecord> good = open(config.good(), datasets, context);
                RecordSet<DataRecord> bad = open(config.bad(), datasets, context)) {
            NGramClassifier classifier = new NGramClassifier(LEARNING_RATE);
            QualityRule rule = new QualityRule(classifier, config.threshold().orElse(THRESHOLD));
            long rows = good.size() + bad.size();
            CounterRandom random = context.random().derive("quality");
            try (Progress progress = context.progress("training the classifier of quality", EPOCHS * rows, "rows")) {
                for (int epoch = 0; epoch < EPOCHS; epoch++) {
                    Permutation order = new Permutation(rows, random.derive(epoch));
                    for (long i = 0; i < rows; i++) {
                        long at = order.at(i);
                        boolean isGood = at < good.size();
                        String text = part.of(isGood ? good.get(at) : bad.get(at - good.size()));
                        if (!isHeldOut(text)) {
                            classifier.learn(text, isGood, rows / (2.0 * (isGood ? good : bad).size()));
                        }
                        progress.advance(1);
                    }
                }
            }
            rule.evaluate(rule.heldOut(good, part, "good"), rule.heldOut(bad, part, "bad"), context);
            return rule;
        }
    }

    private static RecordSet<DataRecord> open(DatasetSpec spec, Datasets datasets, StageContext context) {
        RecordSet<DataRecord> rows = datasets.open(spec, List.of(RecordKind.values()), context.dataSeed());
        rows.dropReport().lines(spec.path()).forEach(context::warn);
        return rows;
    }

    private static boolean isHeldOut(String text) {
        return Long.remainderUnsigned(TextHash.of(text, HOLD_OUT_SEED), HELD_OUT_OF) == 0;
    }

    private double[] heldOut(RecordSet<DataRecord> rows, TextPart part, String key) {
        double[] scores = rows.stream()
                .map(part::of)
                .filter(QualityRule::isHeldOut)
                .mapToDouble(classifier::probability)
                .toArray();
        if (scores.length == 0 || scores.length == rows.size()) {
            throw new UserError("quality." + key + " has " + rows.size()
                    + " rows, of which a fifth is held out; give more rows, 10 at least");
        }
        return scores;
    }

    private void evaluate(double[] good, double[] bad, StageContext context) {
        AreaUnderCurve curve = AreaUnderCurve.of(good, bad);
        double kept = share(good);
        double passed = share(bad);
        context.note(String.format(
                Locale.ROOT,
                "quality: area under the curve %.3f +- %.3f on %,d good and %,d bad texts held out; threshold %s keeps %.1f %% of the good and %.1f %% of the bad",
                curve.area(),
                curve.standardError(),
                good.length,
                bad.length,
                threshold,
                100 * kept,
                100 * passed));
        context.summarize("quality/auc", curve.area());
        context.summarize("quality/auc_se", curve.standardError());
        context.summarize("quality/good_kept", kept);
        context.summarize("quality/bad_kept", passed);
        context.provenance("quality", Map.of("good_held_out", good.length, "bad_held_out", bad.length));
    }

    private double share(double[] scores) {
        double kept = 0;
        for (double score : scores) {
            kept += score >= threshold ? 1 : 0;
        }
        return kept / scores.length;
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        double probability = classifier.probability(text);
        return probability >= threshold
                ? Judgement.keep(text)
                : Judgement.remove(text, "quality", String.format(Locale.ROOT, "%.3f < %s", probability, threshold));
    }

    @Override
    public RuleKind kind() {
        return RuleKind.QUALITY;
    }

    @Override
    public void write(WireWriter out) {
        out.putDouble(threshold);
        classifier.write(out);
    }

    static RowRule read(WireReader in) {
        double threshold = in.getDouble();
        return new QualityRule(NGramClassifier.read(in), threshold);
    }
}
