package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.tokens.ExampleFormat;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.reward.RewardConfig.RankingLossKind;
import java.util.List;

/**
 * {@link RankingObjective} that travels.
 *
 * @param kind how the responses of a prompt are compared
 * @param centerRewardsCoefficient pull of scores towards 0, with k_wise
 */
public record TravellingRankingLoss(RankingLossKind kind, double centerRewardsCoefficient)
        implements TravellingObjective<TokenizedRanking> {
    private static final String NAME = "ranking";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<TokenizedRanking> objective() {
        return new RankingObjective(loss());
    }

    /** The loss of one prompt. */
    RankingLoss loss() {
        return kind == RankingLossKind.PLACKETT_LUCE
                ? new PlackettLuceLoss()
                : new KWiseLoss(new BradleyTerry(centerRewardsCoefficient));
    }

    @Override
    public void write(List<TokenizedRanking> rows, WireWriter out) {
        out.putText(kind.name()).putDouble(centerRewardsCoefficient).putList(rows, ExampleFormat.RANKING::write);
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
                    new TravellingRankingLoss(RankingLossKind.valueOf(in.getText()), in.getDouble()),
                    in.getList(ExampleFormat.RANKING::read));
        }
    }
}
