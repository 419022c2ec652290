package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.http.KeptAnswers;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Makes {@link Rewards} of the entries of a config: checks them before a run, and opens what they name when a stage starts. */
public final class RewardSources {
    private final Map<String, RewardFunction> functions;

    /** @param functions those that are bound, by name */
    @Inject
    public RewardSources(Map<String, RewardFunction> functions) {
        this.functions = BuiltInFunctions.with(functions);
    }

    /**
     * The keys of an entry of {@code rewards} beside its own: those of its function, or of all functions where it names none.
     *
     * @param nested a record in a stage's config
     * @param given its texts as a run file gives them
     */
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        if (nested != RewardEntry.class) {
            return List.of();
        }
        RewardFunction named = functions.get(given.getOrDefault("function", ""));
        if (named != null) {
            return named.keys();
        }
        Map<String, ConfigKey<?>> all = new LinkedHashMap<>();
        functions.values().forEach(function -> function.keys().forEach(key -> all.putIfAbsent(key.name(), key)));
        return List.copyOf(all.values());
    }

    /**
     * Checks entries before a run.
     *
     * @throws UserError for a function that is not bound, and for what it does not take
     */
    public void check(List<RewardEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).function().isPresent()) {
                checkFunction(entries.get(i), entries.size() == 1 ? "rewards." : "rewards[" + i + "].");
            }
        }
    }

    /**
     * The function of that name, with its defaults.
     *
     * @throws UserError where there is none, and for one that needs keys
     */
    public RewardFunction function(String name) {
        check(List.of(RewardEntry.function(name)));
        return Reward.named(name, functions).with(GivenKeys.NONE);
    }

    private void checkFunction(RewardEntry entry, String path) {
        String name = entry.function().orElseThrow();
        RewardFunction function = Reward.named(name, functions);
        for (ConfigKey<?> key : function.keys()) {
            if (key.defaultValue().isEmpty() && !entry.keys().names().contains(key.name())) {
                throw new UserError("reward function " + name + " needs the key " + key.name() + " (" + key.meaning()
                        + "): write rewards: [{function: " + name + ", " + key.name() + ": ...}]");
            }
        }
        try {
            function.with(entry.keys());
        } catch (ConfigException e) {
            throw new UserError(path + e.getMessage(), e);
        }
    }

    /** The prompts' dataset: functions and servers see all columns, as in TRL, where {@code keep} does not say which. */
    public static DatasetSpec dataset(DatasetSpec given, List<RewardEntry> entries) {
        if (entries.stream()
                .allMatch(entry -> entry.function().isEmpty() && entry.http().isEmpty())) {
            given.requireNoneKept();
            return given;
        }
        return given.keep().isSaid() ? given : given.keeping(KeptColumns.ALL);
    }

    /** The reward models, which must read the policy's tokens. */
    public static List<CompanionModel> companions(List<RewardEntry> entries, ModelReference policy) {
        List<CompanionModel> companions = new ArrayList<>();
        for (RewardEntry entry : entries) {
            for (ModelReference model : Stream.concat(entry.model().stream(), entry.processModel().stream())
                    .toList()) {
                companions.add(new CompanionModel(
                        entry.shownName().equals("reward_model") ? "reward_model" : "rewards.model",
                        model,
                        policy,
                        false));
            }
        }
        return companions;
    }

    /**
     * Opens what the entries name.
     *
     * @param entries checked before
     * @param context of the stage, in whose folder answers are kept
     */
    public OpenRewards open(List<RewardEntry> entries, StageContext context) {
        List<AutoCloseable> owned = new ArrayList<>();
        try {
            List<Rewards.Weighted> weighted = new ArrayList<>();
            for (RewardEntry entry : entries) {
                weighted.add(
                        new Rewards.Weighted(entry.shownName(), reward(entry, context, owned), entry.weightOrOne()));
            }
            return new OpenRewards(new Rewards(weighted), owned);
        } catch (RuntimeException | Error e) {
            OpenRewards.closeAll(owned);
            throw e;
        }
    }

    private Reward reward(RewardEntry entry, StageContext context, List<AutoCloseable> owned) {
        if (!entry.model().isEmpty()) {
            List<Reward> models = new ArrayList<>();
            for (ModelReference model : entry.model()) {
                String name = "reward-" + entry.shownName() + "-" + models.size();
                models.add(Reward.of(model.given(), shared(model, Head.SCALAR, name, context, owned)));
            }
            return models.size() == 1 ? models.get(0) : new ModelReward(entry, models);
        }
        if (entry.processModel().isPresent()) {
            return stepReward(entry, entry.processModel().get(), context, owned);
        }
        if (entry.http().isPresent()) {
            KeptAnswers kept = KeptAnswers.of(context.directory(), entry.shownName());
            return new HttpReward(entry, guard(entry, context, Optional.empty()), kept);
        }
        boolean isTimed = entry.timeout().isPresent() && entry.failure() == RewardEntry.OnFailure.NONE;
        Optional<KeptAnswers> kept =
                isTimed ? Optional.of(KeptAnswers.of(context.directory(), entry.shownName())) : Optional.empty();
        String name = entry.function().orElseThrow();
        RewardFunction function = Reward.named(name, functions).with(entry.keys());
        return new FunctionReward("reward_function " + name, function, guard(entry, context, kept));
    }

    private static RewardGuard guard(RewardEntry entry, StageContext context, Optional<KeptAnswers> kept) {
        return new RewardGuard(entry.timeout(), entry.failure(), kept, context::warn);
    }

    private static Reward stepReward(
            RewardEntry entry, ModelReference reference, StageContext context, List<AutoCloseable> owned) {
        SharedModel shared = shared(reference, Head.LABELS, "reward-" + entry.shownName(), context, owned);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(reference.directory());
        owned.add(tokenizer);
        return new StepReward(
                reference.given(),
                shared,
                StepTokens.of(tokenizer, HuggingFaceConfig.read(reference.directory())),
                entry.stepAggregation(),
                shared.model().config().maxPositions());
    }

    private static SharedModel shared(
            ModelReference reference, Head head, String name, StageContext context, List<AutoCloseable> owned) {
        Transformer model = reference.load(Set.of(head), context.kernels());
        owned.add(model);
        SharedModel shared = context.cluster().share(name, model);
        owned.add(shared);
        return shared;
    }
}
