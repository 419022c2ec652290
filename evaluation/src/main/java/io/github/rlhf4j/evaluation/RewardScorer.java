package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.RowPlaces;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.tokens.PromptText;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import io.github.rlhf4j.datasets.tokens.TextTokens;
import io.github.rlhf4j.datasets.training.ModelText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A reward model that reads finished answers: its head at the end token, plus the shift that makes demonstrations average 0. Owns the model. */
final class RewardScorer implements AutoCloseable {
    private static final int CHUNK = 64; // groups at a time

    private final Path directory;
    private final Transformer model;
    private final SharedModel shared;
    private final ModelText text;
    private final double shift;

    private RewardScorer(Path directory, SharedModel shared, ModelText text, double shift) {
        this.directory = directory;
        this.shared = shared;
        this.model = shared.model();
        this.text = text;
        this.shift = shift;
    }

    static RewardScorer open(ModelReference reference, StageContext context) {
        Path directory = reference.directory();
        double shift = reference.scoreStatistics().map(ScoreStatistics::shift).orElse(0.0);
        ModelText text = ModelText.open(directory, context.cacheDirectory());
        try {
            Transformer model = reference.load(Set.of(Head.SCALAR), context.kernels());
            return new RewardScorer(directory, context.cluster().share("reward", model), text, shift);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    ModelText text() {
        return text;
    }

    int context() {
        return model.config().maxPositions();
    }

    /**
     * Measures {@code reward} on every answer. A reward model with the policy's tokenizer reads the very ids that were sampled; another one reads prompt and answer as one text, or as messages by its own chat template. An
     * answer that did not end is given an end token, since that is where the head is read.
     */
    void measure(EvaluationPrompts rows, ModelAnswers model, SampledText sampled, StageContext context) {
        List<Prompt> prompts = rows.prompts();
        List<List<Answer>> answers = model.byPrompt();
        boolean sameIds = SampledText.sameTokenizer(sampled.directory(), directory);
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            int[] promptIds = sampled.promptIds().get(prompt);
            Content content = prompts.get(prompt).prompt();
            List<TokenSequence> group = new ArrayList<>();
            for (Answer answer : answers.get(prompt)) {
                int[] ids = sameIds ? Divergence.join(promptIds, answer.ids()) : encode(content, answer.text());
                group.add(TokenSequence.scoredAtEnd(fitted(ended(ids))));
            }
            groups.add(group);
        }
        List<double[]> scores = score(groups);
        List<Map<String, Object>> without = new ArrayList<>();
        for (int prompt = 0; prompt < groups.size(); prompt++) {
            for (int sample = 0; sample < scores.get(prompt).length; sample++) {
                double score = scores.get(prompt)[sample];
                if (Double.isFinite(score)) {
                    answers.get(prompt).get(sample).measure("reward", score);
                } else {
                    without.add(rows.describe(prompt));
                }
            }
        }
        long all = scores.stream().mapToLong(group -> group.length).sum();
        warnOf(without, all, "answers of " + model.name(), context);
    }

    /**
     * Says which rows have no finite scores, and so are not in what is measured.
     *
     * @param without what they were made of
     * @param all of how many
     * @param what they are
     */
    void warnOf(List<Map<String, Object>> without, long all, String what, StageContext context) {
        if (!without.isEmpty()) {
            context.warn("reward_model %s gives %d of %d %s no finite score: they are not in its numbers%s"
                    .formatted(directory, without.size(), all, what, RowPlaces.said(without, true)));
        }
    }

    /** The scores of groups that share a prompt, (groups, sequences). */
    List<double[]> score(List<List<TokenSequence>> groups) {
        return shared.score("reward scores", groups, CHUNK, 1, 0).stream()
                .map(group -> group.stream()
                        .mapToDouble(scored -> scored.scalars()[0] + shift)
                        .toArray())
                .toList();
    }

    private int[] encode(Content prompt, String answer) {
        if (prompt instanceof Content.Text promptText) {
            return text.tokenizer().encode(promptText.text() + answer, true);
        }
        if (text.tokenizer().chatTemplate().isEmpty()) {
            throw new UserError(
                    "reward_model " + directory
                            + " has another tokenizer than the models, so it reads the prompts as messages by a chat template of its own, but has none: add chat_template.jinja to its folder, or name another model");
        }
        TextTokens tokens =
                new TextTokens(text.tokenizer(), TemplateChatEncoder.of(text.tokenizer()), false, context());
        return tokens.encode(new PromptText(prompt, false), answer, true).ids();
    }

    private int[] ended(int[] ids) {
        Tokenizer tokenizer = text.tokenizer();
        int last = ids.length == 0 ? -1 : ids[ids.length - 1];
        if (tokenizer.isStop(last)) {
            return ids;
        }
        int end = tokenizer
                .eosId()
                .orElseThrow(() -> new UserError("reward_model " + directory
                        + " has no end token; name one as eos_token in its tokenizer_config.json"));
        return Divergence.join(ids, new int[] {end});
    }

    /** The last tokens, where there are more than the model's context. */
    private int[] fitted(int[] ids) {
        return Arrays.copyOfRange(ids, Math.max(0, ids.length - context()), ids.length);
    }

    @Override
    public void close() {
        shared.close();
        model.close();
        text.close();
    }
}
