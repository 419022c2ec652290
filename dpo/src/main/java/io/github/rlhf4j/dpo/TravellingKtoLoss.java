package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.SequenceBytes;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.tokens.ExampleFormat;
import java.util.List;
import java.util.Map;

/**
 * {@link KtoObjective} that travels. The reference point of a step is that of all its rows (in a replica, of the replica's) and of the policy before it.
 *
 * @param type whether there is a reference point
 * @param beta strength of the pull towards the reference
 * @param desirableWeight factor of desirable responses
 * @param undesirableWeight factor of undesirable responses
 * @param referencePoint z0 of the step that it was made for, nats; 0 before
 */
record TravellingKtoLoss(
        KtoLossType type, double beta, double desirableWeight, double undesirableWeight, double referencePoint)
        implements TravellingObjective<WithRefLogProbs<KtoTokens>> {
    private static final String NAME = "kto";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public KtoObjective objective() {
        return new KtoObjective(new KtoLoss(beta, desirableWeight, undesirableWeight), beta, referencePoint);
    }

    @Override
    public TravellingKtoLoss ofStep(List<WithRefLogProbs<KtoTokens>> rows, ModelTrainer trainer) {
        try {
            return at(rows, new ModelScorer(trainer.model(), trainer.microBatchTokens(), ResponseSums.WHOLE), true);
        } catch (NonFinite e) {
            List<String> broken = trainer.brokenWeights();
            if (broken.isEmpty()) {
                throw e;
            }
            throw new NonFinite( // no row is to blame
                    "the weights of " + broken.get(0)
                            + " are not finite, so the model has diverged; use a smaller learning_rate",
                    Map.of("weights", broken),
                    List.of());
        }
    }

    /** Of these rows, whose reference point is that of {@code policy}. */
    TravellingKtoLoss at(List<WithRefLogProbs<KtoTokens>> rows, ResponseLogProbs policy, boolean mustBeFinite) {
        return type == KtoLossType.KTO
                ? new TravellingKtoLoss(
                        type,
                        beta,
                        desirableWeight,
                        undesirableWeight,
                        KtoObjective.referencePoint(rows, policy, mustBeFinite))
                : this;
    }

    @Override
    public void write(List<WithRefLogProbs<KtoTokens>> rows, WireWriter out) {
        out.putText(type.name())
                .putDouble(beta)
                .putDouble(desirableWeight)
                .putDouble(undesirableWeight)
                .putDouble(referencePoint);
        ScoredBytes.write(out, rows, (to, tokens) -> {
            ExampleFormat.UNPAIRED.write(to, tokens.row());
            SequenceBytes.write(to, tokens.mismatched());
        });
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            return new WithRows<>(
                    new TravellingKtoLoss(
                            KtoLossType.valueOf(in.getText()),
                            in.getDouble(),
                            in.getDouble(),
                            in.getDouble(),
                            in.getDouble()),
                    ScoredBytes.read(
                            in,
                            from -> new KtoTokens(ExampleFormat.UNPAIRED.read(from), SequenceBytes.sequence(from))));
        }
    }
}
