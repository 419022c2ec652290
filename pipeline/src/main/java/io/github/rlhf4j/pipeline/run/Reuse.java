package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.util.List;
import java.util.Optional;

/** Whether what is in a run's folder may be continued: the same configuration, the same inputs, and results that nobody has changed. */
final class Reuse {
    private final RunFolder folder;
    private final InputDigests inputs;
    private final FileDigests digests;

    Reuse(RunFolder folder, InputDigests inputs, FileDigests digests) {
        this.folder = folder;
        this.inputs = inputs;
        this.digests = digests;
    }

    /**
     * Checks a complete stage.
     *
     * @param due stages that will be run anew before it, whose models are compared afterwards
     * @throws UserError saying what differs and what to do
     */
    void requireReusable(PlannedStage stage, List<String> due) {
        StageFolder stored = folder.stage(stage.name());
        if (!stored.isDone()) {
            throw new UserError("stage " + stage.name() + " is not complete in " + folder.directory()
                    + ", so it cannot be reused; run it first: --from " + stage.name());
        }
        DoneStage done = stored.done();
        requireUnchanged(stage);
        done.requireIntact(digests);
        for (String input : stage.inputs()) {
            StageFolder source = folder.stage(input);
            boolean isSame = due.contains(input)
                    || !source.isDone()
                    || done.inputSha256(input).equals(Optional.of(source.done().modelSha256()));
            if (!isSame) {
                throw new UserError("stage " + stage.name() + " was made from another model of stage " + input
                        + " than the present one; run it again: --from " + stage.name());
            }
        }
        if (stage.inputs().stream().allMatch(input -> folder.stage(input).isDone() && !due.contains(input))) {
            requireSameInputs(stage, done.listsFiles(), done.isIntact(StageFolder.INPUTS, digests));
        }
    }

    /**
     * Checks a stage that will continue from a checkpoint; the stages that it names are complete.
     *
     * @throws UserError saying what differs and what to do
     */
    void requireSame(PlannedStage stage) {
        requireUnchanged(stage);
        requireSameInputs(stage, !folder.isAdopted(), true);
    }

    /**
     * Whether a complete stage is the same but for more steps, so that it continues.
     *
     * @throws UserError when it cannot
     */
    boolean isLengthened(PlannedStage stage) {
        StageFolder stored = folder.stage(stage.name());
        boolean isLengthened = stored.config()
                .filter(then -> Lengthening.isAll(stage.effective().changedKeys(then)))
                .isPresent();
        if (isLengthened) {
            requireUnchanged(stage);
            if (!stored.hasCheckpoints()) {
                throw new UserError(
                        "stage " + stage.name() + " has no checkpoint that more steps could follow (save_steps"
                                + " was 0); run it again with --from " + stage.name() + ", or undo the change");
            }
        }
        return isLengthened;
    }

    private void requireUnchanged(PlannedStage stage) {
        StageFolder stored = folder.stage(stage.name());
        EffectiveConfig then = stored.config()
                .orElseThrow(() -> new UserError(stored.directory().resolve("config.yaml")
                        + " is gone, so whether the configuration is still the same cannot be told; put it back, or run"
                        + " the stage again: --from " + stage.name()));
        List<String> changed = stage.effective().changedKeys(then);
        Optional<String> obstacle =
                Lengthening.isAll(changed) ? Lengthening.obstacle(stage.work().config()) : Optional.of("");
        boolean goesOn = Lengthening.isOfNumbers(changed) && !stored.isDone();
        if (!changed.isEmpty() && obstacle.isPresent() && !goesOn) {
            throw new UserError("the configuration of stage " + stage.name() + " has changed since it ran ("
                    + String.join("; ", stage.effective().differencesFrom(then)) + ")" + obstacle.get()
                    + "; run it again with --from "
                    + stage.name() + ", or undo the change; its configuration then is in "
                    + stored.directory().resolve("config.yaml"));
        }
    }

    private void requireSameInputs(PlannedStage stage, boolean mustBeStored, boolean isIntact) {
        StageFolder stored = folder.stage(stage.name());
        Optional<JsonNode> then = stored.inputs().filter(tree -> isIntact && StageInputs.isWhole(tree));
        if (then.isPresent()) {
            inputs.of(stage).requireSame(stage.name(), then.get());
        } else if (mustBeStored) {
            throw new UserError(stored.directory().resolve(StageFolder.INPUTS)
                    + " is gone or damaged, so whether the data are still the same cannot be told; put it back, or run"
                    + " the stage again: --from " + stage.name());
        }
    }
}
