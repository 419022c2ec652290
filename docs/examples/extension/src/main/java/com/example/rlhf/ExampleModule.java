package com.example.rlhf;

import static io.github.rlhf4j.core.stage.StageBinder.stageBinder;
import static io.github.rlhf4j.datasets.DatasetsModule.datasetBinder;
import static io.github.rlhf4j.dpo.DpoModule.preferenceLossBinder;
import static io.github.rlhf4j.judge.JudgeBinder.judgeBinder;
import static io.github.rlhf4j.rollout.RewardBinder.rewardBinder;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.datasets.training.TrainingData;

/** Everything that this extension adds, found by its line in META-INF/services/com.google.inject.Module. */
public final class ExampleModule extends AbstractModule {
    @Override
    protected void configure() {
        datasetBinder(binder()).bind("sums", SumsDataset.class); // dataset: sums:500
        rewardBinder(binder()).bind("length", LengthReward.class); // reward_function: length
        preferenceLossBinder(binder()).bind("squared_hinge", SquaredHingeLoss.Factory.class); // loss_type: squared_hinge
        judgeBinder(binder()).bind("brevity", BrevityJudge.class); // dataset: judged:brevity:sums:500
        stageBinder(binder()).bind("unlikelihood", UnlikelihoodTrainer.class); // type: unlikelihood
        bind(TrainingData.class); // what the stage asks for
    }
}
