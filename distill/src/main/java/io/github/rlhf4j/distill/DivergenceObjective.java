package io.github.rlhf4j.distill;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.Teacher;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The mean over target tokens of the divergence of the student's distribution from the teacher's.
 *
 * <pre>  loss = (1 / n) sum D(teacher || student)(token),   n = target tokens of the whole step</pre>
 *
 * <p>Source: Agarwal et al. 2024, arXiv:2306.13649, Eqs. 1 and 3.
 */
final class DivergenceObjective implements Objective<List<TokenSequence>> {
    private final Teacher teacher;

    DivergenceObjective(Teacher teacher) {
        this.teacher = teacher;
    }

    @Override
    public List<TokenSequence> layout(List<TokenSequence> example) {
        return example;
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP);
    }

    @Override
    public Optional<Teacher> teacher() {
        return Optional.of(teacher);
    }

    @Override
    public boolean hasConstantGradient() {
        return true;
    }

    @Override
    public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
        double share = 1.0 / Math.max(1, batch.stepTargets());
        double sum = 0; // of divergences, negated
        for (int example = 0; example < batch.examples().size(); example++) {
            for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                SequenceOutputs outputs = batch.sequence(example, sequence);
                outputs.addSumLogProbGradient(-share);
                sum += outputs.sumLogProb();
                batch.metrics().mean("entropy", outputs.sum(Column.ENTROPY), outputs.targets());
                batch.metrics().mean("mean_token_accuracy", outputs.sum(Column.IS_TOP), outputs.targets());
            }
        }
        batch.addLoss(-share * sum);
    }
}
