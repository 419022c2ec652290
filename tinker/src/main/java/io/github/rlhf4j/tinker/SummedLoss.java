package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.Map;

/** The sum of a loss over all tokens of a request; the log-probs are left in its parts. */
final class SummedLoss implements Objective<Part> {
    private final TokenLoss loss;
    private final Map<String, Double> config;

    SummedLoss(TokenLoss loss, Map<String, Double> config) {
        this.loss = loss;
        this.config = config;
    }

    @Override
    public List<TokenSequence> layout(Part part) {
        return List.of(part.sequence());
    }

    @Override
    public boolean hasConstantGradient() {
        return loss.isLinear();
    }

    @Override
    public void evaluate(ObjectiveBatch<Part> batch) {
        for (int i = 0; i < batch.examples().size(); i++) {
            Part part = batch.examples().get(i);
            SequenceOutputs outputs = batch.sequence(i, 0);
            double sum = 0;
            double ratio = LossInputs.sequenceRatio(part.datum(), part.rows(), part.column(), outputs::logProb);
            for (int j = 0; j < outputs.targets(); j++) {
                int row = part.rows()[j];
                double logProb = outputs.logProb(j);
                part.logProbs()[row] = (float) logProb; // what is evaluated last are the model's
                LossInputs inputs = new LossInputs(part.datum(), row, part.column(), config, ratio);
                TokenLoss.Term term = loss.at(inputs, logProb);
                sum += term.loss();
                outputs.addLogProbGradient(j, term.slope());
            }
            batch.addLoss(sum);
        }
    }
}
