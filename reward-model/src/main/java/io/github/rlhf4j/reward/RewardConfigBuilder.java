package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import io.github.rlhf4j.reward.RewardConfig.RankingLossKind;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of a {@link RewardConfig} one by one: {@code RewardConfig.builder(model, dataset).training(keys -> keys.maxSteps(100)).build()}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class RewardConfigBuilder {
    private ModelReference model;
    private Optional<String> chatTemplatePath;
    private Optional<String> eosToken;
    private Optional<DatasetSpec> demonstrations;
    private Optional<String> judge;
    private RankingLossKind rankingLoss;
    private double centerRewardsCoefficient;
    private int statisticsRows;
    private OptionalInt calibrationBins;
    private DataConfig data;
    private ReplicasConfig parts;
    private TuningConfig tuning;
    private TrainingConfig training;

    RewardConfigBuilder(RewardConfig from) {
        model = from.model();
        chatTemplatePath = from.tokenizer().chatTemplatePath();
        eosToken = from.tokenizer().eosToken();
        demonstrations = from.demonstrations();
        judge = from.judge();
        rankingLoss = from.rankingLoss();
        centerRewardsCoefficient = from.centerRewardsCoefficient();
        statisticsRows = from.statisticsRows();
        calibrationBins = from.calibrationBins();
        data = from.data();
        parts = from.parts();
        tuning = from.tuning();
        training = from.training();
    }

    /** A language model, or a reward model to go on with. */
    public RewardConfigBuilder model(ModelReference value) {
        model = value;
        return this;
    }

    /** A file or folder with another chat template. */
    public RewardConfigBuilder chatTemplatePath(String value) {
        chatTemplatePath = Optional.of(value);
        return this;
    }

    /** Another end token. */
    public RewardConfigBuilder eosToken(String value) {
        eosToken = Optional.of(value);
        return this;
    }

    /** Answers whose scores shall average 0; left out: the best answers of the dataset. */
    public RewardConfigBuilder demonstrations(DatasetSpec value) {
        demonstrations = Optional.of(value);
        return this;
    }

    /** The name of a bound {@link io.github.rlhf4j.judge.Judge} that labels the responses. */
    public RewardConfigBuilder judge(String value) {
        judge = Optional.of(value);
        return this;
    }

    /** How the responses of a prompt are compared. */
    public RewardConfigBuilder rankingLoss(RankingLossKind value) {
        rankingLoss = value;
        return this;
    }

    /** Pull of scores towards 0, >= 0. */
    public RewardConfigBuilder centerRewardsCoefficient(double value) {
        centerRewardsCoefficient = value;
        return this;
    }

    /** Rows that the stored score statistics are measured on, >= 1. */
    public RewardConfigBuilder statisticsRows(int value) {
        statisticsRows = value;
        return this;
    }

    /** Bins of the calibration in an evaluation, >= 1. */
    public RewardConfigBuilder calibrationBins(int value) {
        calibrationBins = OptionalInt.of(value);
        return this;
    }

    /** Replicas or shards. */
    public RewardConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Changes what is said of the data. */
    public RewardConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Trains an adapter, and the scalar head, instead of the model's own weights. */
    public RewardConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public RewardConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Changes what every training stage has. */
    public RewardConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public RewardConfig build() {
        return new RewardConfig(
                model,
                data,
                new TokenizerChanges(chatTemplatePath, eosToken),
                demonstrations,
                judge,
                rankingLoss,
                centerRewardsCoefficient,
                statisticsRows,
                calibrationBins,
                true,
                parts,
                tuning,
                training);
    }
}
