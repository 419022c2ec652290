package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

import io.github.rlhf4j.core.train.ModelReference;
import io.github.rlhf4j.core.train.TrainingConfig;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.TokenizerChanges;

/**
 * The config of a stage of type {@code sft}.
 *
 * @param model the language model to start from
 * @param data prompt and completion, conversations, or texts
 * @param tokenizer chat template and end token, where they are not the model's
 * @param completionOnlyLoss of a prompt and completion only the completion is learnt
 * @param assistantOnlyLoss of a conversation only the assistant's turns are learnt
 * @param dropout residual dropout, in [0, 1) (InstructGPT: 0.2)
 * @param training what every training stage has
 */
public record SftConfig(
        ModelReference model,
        DataConfig data,
        TokenizerChanges tokenizer,
        boolean completionOnlyLoss,
        boolean assistantOnlyLoss,
        double dropout,
        TrainingConfig training) {
    public SftConfig {
        checkConfig(dropout >= 0 && dropout < 1, "dropout", dropout, "must be in [0, 1)");
    }
}
