package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.util.Optional;

/**
 * When a stage evaluates. Where it does so at all, it does at its end too.
 *
 * @param evalStrategy no, steps or epoch; absent: steps, as eval_steps says
 * @param evalSteps steps between evaluations; 0: only at the end
 * @param evalOnStart also before the first step
 */
public record EvaluationConfig(Optional<EvalStrategy> evalStrategy, long evalSteps, boolean evalOnStart)
        implements ConfigGroup {
    /** What decides, with transformers' names. */
    public enum EvalStrategy {
        NO,
        STEPS,
        EPOCH
    }

    /** At the end only. */
    public static final EvaluationConfig AT_THE_END = every(0);

    public EvaluationConfig {
        checkConfig(evalSteps >= 0, "eval_steps", evalSteps, "must be >= 1, or 0 for an evaluation at the end only");
        EvalStrategy strategy = evalStrategy.orElse(EvalStrategy.STEPS);
        checkConfig(
                strategy == EvalStrategy.STEPS || evalSteps == 0,
                "eval_steps",
                evalSteps,
                "does nothing with another eval_strategy than steps, so must be 0");
        checkConfig(
                evalStrategy.isEmpty() || strategy != EvalStrategy.STEPS || evalSteps > 0,
                "eval_steps",
                evalSteps,
                "must be >= 1 with eval_strategy: steps");
    }

    /** One every so many steps and at the end; 0: only at the end. */
    public static EvaluationConfig every(long steps) {
        return new EvaluationConfig(Optional.empty(), steps, false);
    }

    /** Whether it evaluates when it ends. */
    boolean atTheEnd() {
        return !evalStrategy.equals(Optional.of(EvalStrategy.NO));
    }

    /** Whether it evaluates between begin and end. */
    boolean duringTraining() {
        return evalSteps > 0 || evalStrategy.equals(Optional.of(EvalStrategy.EPOCH));
    }

    /** Whether an evaluation follows this step, whichever step is the last. */
    boolean isDue(long step, long stepsPerEpoch) {
        return evalStrategy.equals(Optional.of(EvalStrategy.EPOCH))
                ? step % stepsPerEpoch == 0
                : evalSteps > 0 && step % evalSteps == 0;
    }

    /** Requires that a stage without evaluation data asks for no evaluation, and one with some for one at least. */
    void checkData(boolean hasEvalData) {
        String nothing = "does nothing without eval_dataset or eval_fraction, so must be ";
        checkConfig(hasEvalData || evalSteps == 0, "eval_steps", evalSteps, nothing + "0");
        checkConfig(hasEvalData || !evalOnStart, "eval_on_start", true, nothing + "false");
        checkConfig(
                hasEvalData || evalStrategy.isEmpty() || !atTheEnd(),
                "eval_strategy",
                evalStrategy.map(Enum::name).orElse(""),
                nothing + "no, or left out");
        checkConfig(
                !hasEvalData || atTheEnd() || evalOnStart,
                "eval_strategy",
                "no",
                "must not be no where there is evaluation data, which would be for nothing");
    }
}
