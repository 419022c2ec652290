package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.world.Worlds;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The judges that a run file can name.
 *
 * <pre>{@code
 * judges.check("judge", config.judge());                              // before a run
 * try (OpenJudge judge = judges.open(config.judge(), context)) {      // in the stage
 *     double[] firstIsBetter = judge.compare(pairs);                  // NaN: no verdict
 * }
 * }</pre>
 */
public final class Judges {
    private final Map<String, Judge> named;
    private final Optional<Worlds> worlds;

    /**
     * @param named bound by {@link JudgeBinder}
     * @param worlds where the synthetic world is there
     */
    @Inject
    Judges(Map<String, Judge> named, Optional<Worlds> worlds) {
        this.named = Map.copyOf(named);
        this.worlds = worlds;
    }

    /**
     * The judge called {@code name}.
     *
     * @throws UserError where there is none; the message lists all
     */
    public Judge named(String name) {
        return named(named, name);
    }

    static Judge named(Map<String, Judge> judges, String name) {
        Judge judge = judges.get(name);
        if (judge == null) {
            throw new UserError("unknown judge " + name + "; available: "
                    + (judges.isEmpty() ? "none" : String.join(", ", new TreeSet<>(judges.keySet()))));
        }
        return judge;
    }

    /**
     * Before a run: the judge is there, and so is what it needs. Nothing is asked.
     *
     * @param key of the run file that has it
     * @throws UserError where it is not
     */
    public void check(String key, JudgeConfig config) {
        config.name().ifPresent(this::named);
        config.openai().ifPresent(server -> server.check(key + ".openai"));
    }

    /** Opens it; a model is loaded. */
    public OpenJudge open(JudgeConfig config, StageContext context) {
        if (config.name().isPresent()) {
            String name = config.name().get();
            return OpenJudge.of(JudgeAnswers.of(name, named(name), config.timeout())::to, false);
        }
        if (config.synthetic().isPresent()) {
            Worlds known = worlds.orElseThrow(() -> new UserError("judge: synthetic needs the synthetic world"));
            return OpenJudge.of(
                    new SyntheticJudge(
                            config.synthetic().get(),
                            known.of(context.dataSeed()).utility(),
                            CounterRandom.of(context.dataSeed())),
                    config.showsBothOrders());
        }
        PromptedJudge prompts = new PromptedJudge(config.prompts(), context.random());
        if (config.openai().isPresent()) {
            OpenAiChat chat = new OpenAiChat(config.openai().get(), context, "judge");
            return config.prompts().modeOrDefault() == JudgeMode.LISTWISE
                    ? OpenJudge.of(new PromptedRanking(prompts, chat), config.showsBothOrders())
                    : open(config, prompts, new OpenAiVerdicts(chat));
        }
        return open(
                config,
                prompts,
                new LocalVerdicts(LocalModel.open(config.local().orElseThrow(), "judge", context), context));
    }

    private static OpenJudge open(JudgeConfig config, PromptedJudge prompts, VerdictSource model) {
        Judge judge = config.prompts().modeOrDefault() == JudgeMode.SCORING
                ? new PromptedScoring(prompts, config.prompts().answers(), model)
                : new PromptedComparison(prompts, config.prompts().answers(), model);
        return new OpenJudge(judge, config.showsBothOrders(), model::close);
    }
}
