package io.github.rlhf4j.reward;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The config of a stage of type {@code reward}.
 *
 * @param model a language model, whose head is replaced by a new scalar one, or a reward model to go on with
 * @param data rankings, or preference pairs, each a ranking of two
 * @param tokenizer what is changed in the model's tokenizer
 * @param demonstrations answers whose scores shall average 0; absent: the best answers of the dataset
 * @param judge the name of a bound {@link io.github.rlhf4j.judge.Judge} that labels the dataset's responses instead of its own labels (RLAIF); eval_dataset keeps its labels
 * @param rankingLoss k_wise or plackett_luce
 * @param centerRewardsCoefficient pull of scores towards 0, finite and >= 0, with k_wise
 * @param statisticsRows rows that the stored score statistics are measured on, >= 1
 * @param calibrationBins bins of the calibration in an evaluation, >= 1; absent: 10
 * @param disableDropout always true: scores are read without dropout
 * @param parts what of it several workers can compute
 * @param tuning what of the model is trained; an adapter has the scalar head beside it, trained as a whole, as peft does
 * @param training what every training stage has
 */
public record RewardConfig(
        ModelReference model,
        DataConfig data,
        TokenizerChanges tokenizer,
        Optional<DatasetSpec> demonstrations,
        Optional<String> judge,
        RankingLossKind rankingLoss,
        double centerRewardsCoefficient,
        int statisticsRows,
        OptionalInt calibrationBins,
        boolean disableDropout,
        ReplicasConfig parts,
        TuningConfig tuning,
        TrainingConfig training)
        implements TrainedInParts {
    private static final int DEFAULT_CALIBRATION_BINS = 10;

    /** How the responses of a prompt are compared. */
    public enum RankingLossKind {
        /** All pairs: {@link KWiseLoss}. */
        K_WISE,
        /** The whole order: {@link PlackettLuceLoss}. */
        PLACKETT_LUCE
    }

    public RewardConfig {
        training.checkEvaluation(data.evalNames());
        tuning.checkKeysFor(model);
        parts.checkFor(training);
        checkConfig(
                centerRewardsCoefficient >= 0 && Double.isFinite(centerRewardsCoefficient),
                "center_rewards_coefficient",
                centerRewardsCoefficient,
                "must be finite and >= 0");
        checkConfig(
                rankingLoss == RankingLossKind.K_WISE || centerRewardsCoefficient == 0,
                "center_rewards_coefficient",
                centerRewardsCoefficient,
                "does nothing with ranking_loss: plackett_luce, so must be 0");
        checkConfig(
                judge.isEmpty() || data.dataset().format().isEmpty(),
                "judge",
                judge.orElse(""),
                "must be left out where dataset names a format");
        checkConfig(
                judge.isEmpty() || data.dataset().paths().size() == 1,
                "judge",
                judge.orElse(""),
                "must be left out where dataset is a list of paths; name their folder or a glob");
        checkConfig(statisticsRows >= 1, "statistics_rows", statisticsRows, "must be >= 1");
        checkConfig(calibrationBins.orElse(1) >= 1, "calibration_bins", calibrationBins.orElse(1), "must be >= 1");
        checkConfig(
                calibrationBins.isEmpty() || !data.evalNames().isEmpty(),
                "calibration_bins",
                calibrationBins.orElse(1),
                "does nothing without eval_dataset or eval_fraction, so must be left out");
        checkConfig(disableDropout, "disable_dropout", false, "must be true: scores are read without dropout");
    }

    /** The defaults of reward-defaults.yaml; see {@link RewardConfigBuilder}. */
    public static RewardConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(9e-6)
                .lrSchedulerType("cosine_with_min_lr")
                .minLrRate(0.1)
                .batchSize(64)
                .numTrainEpochs(1)
                .build();
        return new RewardConfig(
                        model,
                        DataConfig.builder(dataset).build(),
                        TokenizerChanges.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        RankingLossKind.K_WISE,
                        0,
                        512,
                        OptionalInt.empty(),
                        true,
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        training)
                .toBuilder();
    }

    /** Starts from this config. */
    public RewardConfigBuilder toBuilder() {
        return new RewardConfigBuilder(this);
    }

    /** The data with the judge's labels, where there is one. */
    DataConfig labelledData() {
        return judge.map(this::judgedBy).orElse(data);
    }

    private DataConfig judgedBy(String name) {
        DatasetSpec spec = data.dataset();
        DatasetSpec judged =
                new DatasetSpec("judged:" + name + ":" + spec.path(), "", spec.split(), spec.limit(), spec.columns());
        return data.with(judged);
    }

    /** Bins of the calibration. */
    int bins() {
        return calibrationBins.orElse(DEFAULT_CALIBRATION_BINS);
    }

    /** The loss of one prompt. */
    RankingLoss loss() {
        return objective().loss();
    }

    /** What is minimised. */
    TravellingRankingLoss objective() {
        return new TravellingRankingLoss(rankingLoss, centerRewardsCoefficient);
    }
}
