package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.tokens.ExampleFormat;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import java.util.List;

/** {@link StepObjective} that travels. */
public record TravellingStepLoss() implements TravellingObjective<TokenizedSteps> {
    private static final String NAME = "steps";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<TokenizedSteps> objective() {
        return new StepObjective();
    }

    @Override
    public void write(List<TokenizedSteps> rows, WireWriter out) {
        out.putList(rows, ExampleFormat.STEPS::write);
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            return new WithRows<>(new TravellingStepLoss(), in.getList(ExampleFormat.STEPS::read));
        }
    }
}
