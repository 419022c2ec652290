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
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import io.github.rlhf4j.datasets.tokens.TextTokens;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
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
     * The names of all reward functions.
     *
     * @param bound those beside the built-in ones
     */
    public static Set<String> names(Map<String, RewardFunction> bound) {
        return BuiltInFunctions.with(bound).keySet();
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

    /**
     * The function of an entry where nothing is trained on its scores. They are finite, or NaN where it has none; all else is a {@link RewardFailure}, a call that takes longer than the entry's timeout too.
     *
     * @param key that names the function, for messages
     * @param entry checked before
     */
    public RewardFunction measuring(String key, RewardEntry entry) {
        String name = entry.function().orElseThrow();
        RewardFunction function = Reward.named(name, functions).with(entry.keys());
        RewardGuard guard = new RewardGuard(entry.timeout(), entry.failure(), Optional.empty(), line -> {});
        return new FunctionReward(key + " " + name, function, guard, "")::scores;
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

    /**
     * How the prompts of a stage become examples: with their texts where a reward model reads other tokens than the policy's. The models' folders exist.
     *
     * @param policy the model that responds
     */
    public static ExampleKind<Prompt, TokenizedPrompt> prompts(List<RewardEntry> entries, ModelReference policy) {
        return companions(entries, policy).stream().anyMatch(CompanionModel::readsTextsOfFolders)
                ? ExampleKind.PROMPTS_WITH_TEXTS
                : ExampleKind.PROMPTS;
    }

    /**
     * Checks before a run that reward models which read texts can read these prompts.
     *
     * @param prompts what a look at them has found
     */
    public static void checkTexts(List<RewardEntry> entries, ModelReference policy, Datasets.Look prompts) {
        if (!prompts.isConversational()) {
            return;
        }
        for (CompanionModel companion : companions(entries, policy)) {
            boolean hasTemplate =
                    companion.outline().map(ModelOutline::hasChatTemplate).orElse(true);
            if (companion.readsTexts() && !hasTemplate) {
                throw new UserError(companion.key() + " " + companion.model().given()
                        + " has another tokenizer than model " + policy.given()
                        + ", so it reads the prompts as messages by a chat template of its own, but has none:"
                        + " add chat_template.jinja to its folder, or name another model");
            }
        }
    }

    /** The reward models, which read the policy's tokens, or texts where their tokenizer is another one. */
    public static List<CompanionModel> companions(List<RewardEntry> entries, ModelReference policy) {
        List<CompanionModel> companions = new ArrayList<>();
        for (RewardEntry entry : entries) {
            for (ModelReference model : Stream.concat(entry.model().stream(), entry.processModel().stream())
                    .toList()) {
                companions.add(new CompanionModel(
                        entry.shownName().equals("reward_model") ? "reward_model" : "rewards.model",
                        model,
                        policy,
                        false,
                        true));
            }
        }
        return companions;
    }

    /**
     * Opens what the entries name.
     *
     * @param entries checked before
     * @param policy the model that responds
     * @param context of the stage, in whose folder answers are kept
     */
    public OpenRewards open(List<RewardEntry> entries, PolicyTokens policy, StageContext context) {
        List<AutoCloseable> owned = new ArrayList<>();
        try {
            List<Rewards.Weighted> weighted = new ArrayList<>();
            for (RewardEntry entry : entries) {
                weighted.add(new Rewards.Weighted(
                        entry.shownName(), reward(entry, policy, context, owned), entry.weightOrOne()));
            }
            return new OpenRewards(new Rewards(weighted), owned);
        } catch (RuntimeException | Error e) {
            OpenRewards.closeAll(owned);
            throw e;
        }
    }

    private Reward reward(RewardEntry entry, PolicyTokens policy, StageContext context, List<AutoCloseable> owned) {
        if (!entry.model().isEmpty()) {
            List<Reward> models = new ArrayList<>();
            for (ModelReference model : entry.model()) {
                String name = "reward-" + entry.shownName() + "-" + models.size();
                SharedModel shared = shared(model, Head.SCALAR, name, context, owned);
                models.add(Reward.of(model.given(), shared, reader(model, shared, policy, context, owned)::read));
            }
            return models.size() == 1 ? models.get(0) : new ModelReward(entry, models);
        }
        if (entry.processModel().isPresent()) {
            return stepReward(entry, entry.processModel().get(), policy, context, owned);
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

    private static ResponseReader reader(
            ModelReference model,
            SharedModel shared,
            PolicyTokens policy,
            StageContext context,
            List<AutoCloseable> owned) {
        if (!readsTexts(model, policy)) {
            return ResponseReader.SAMPLED;
        }
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model.directory());
        owned.add(tokenizer);
        return new ResponseReader.OfTexts(
                model.given(), texts(model, tokenizer, shared, policy, context), context::warn);
    }

    private static boolean readsTexts(ModelReference model, PolicyTokens policy) {
        return new CompanionModel("reward_model", model, policy.model(), false, true).readsTextsOfFolders();
    }

    private static TextTokens texts(
            ModelReference model,
            HuggingFaceTokenizer tokenizer,
            SharedModel shared,
            PolicyTokens policy,
            StageContext context) {
        context.note("reward_model " + model.given()
                + " has another tokenizer than the policy: it reads prompts and responses as texts");
        return new TextTokens(
                tokenizer,
                TemplateChatEncoder.of(tokenizer),
                policy.splitSpecialTokens(),
                shared.model().config().maxPositions());
    }

    private static Reward stepReward(
            RewardEntry entry,
            ModelReference reference,
            PolicyTokens policy,
            StageContext context,
            List<AutoCloseable> owned) {
        SharedModel shared = shared(reference, Head.LABELS, "reward-" + entry.shownName(), context, owned);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(reference.directory());
        owned.add(tokenizer);
        return new StepReward(
                reference.given(),
                shared,
                StepTokens.of(tokenizer, HuggingFaceConfig.read(reference.directory())),
                entry.stepAggregation(),
                shared.model().config().maxPositions(),
                policy.tokenizer(),
                readsTexts(reference, policy)
                        ? Optional.of(texts(reference, tokenizer, shared, policy, context))
                        : Optional.empty());
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
