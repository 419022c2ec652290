package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.tokens.ChatEncoder.EncodedChat;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Makes examples of rows by one rule, and counts what it did. */
final class RowTokens {
    private final Tokenizer tokenizer;
    private final ChatEncoder chat;
    private final ExampleRule rule;
    private final TokenizingOptions options;
    private final RecordTokenizer tokens;
    private final Truncation truncation;
    private final Optional<StepTokens> stepTokens;
    private final ReportCounts counts;

    /** @param counts are added to */
    RowTokens(Tokenizer tokenizer, ChatEncoder chat, ExampleRule rule, ReportCounts counts) {
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.rule = rule;
        this.options = rule.options();
        this.counts = counts;
        this.tokens = new RecordTokenizer(
                tokenizer, chat, options.splitSpecialTokens(), options.chatTemplate() == ChatTemplateUse.ON);
        this.truncation = new Truncation(options, tokenizer.bosId());
        this.stepTokens =
                rule.steps().map(steps -> new StepTokens(tokenizer, steps.separator(), options.splitSpecialTokens()));
    }

    ExampleRule rule() {
        return rule;
    }

    ReportCounts counts() {
        return counts;
    }

    /** The same that begins to count. */
    RowTokens afresh() {
        return new RowTokens(tokenizer, chat, rule, new ReportCounts());
    }

    /** The examples of rows that are given as they are stored, with the counts of all so far. */
    TokenizedRows all(RecordKind kind, List<byte[]> stored) {
        List<Optional<RowExample>> examples = stored.stream()
                .map(row -> example(RecordJson.fromStored(kind, row)))
                .toList();
        return new TokenizedRows(examples, counts.report());
    }

    /** The example of a row; empty where it is left out. */
    Optional<RowExample> example(DataRecord row) {
        return parts(row).map(parts -> new RowExample(CacheWriter.promptHash(row), parts));
    }

    private Optional<int[][]> parts(DataRecord row) {
        return switch (rule.what()) {
            case DOCUMENT -> Optional.of(new int[][] {tokens.document(((TextRecord) row).text(), counts)});
            case SEQUENCE -> {
                Optional<TokenizedSequence> sequence = sequence(row);
                sequence.ifPresent(this::count);
                yield sequence.map(ExampleFormat.SEQUENCE::parts);
            }
            case PAIR -> pair((PreferencePair) row).map(ExampleFormat.PAIR::parts);
            case UNPAIRED -> unpaired((UnpairedPreference) row).map(ExampleFormat.UNPAIRED::parts);
            case STEPS -> steps((StepwiseSupervision) row).map(ExampleFormat.STEPS::parts);
            case RANKING -> ranking((Ranking) row).map(ExampleFormat.RANKING::parts);
            case PROMPT, PROMPT_AND_TEXT -> prompt((Prompt) row).map(ExampleFormat.PROMPT::parts);
        };
    }

    private Optional<TokenizedPair> pair(PreferencePair row) {
        return joint(row.prompt(), List.of(row.chosen(), row.rejected()))
                .map(joint -> new TokenizedPair(joint.promptIds(), joint.responseIds()[0], joint.responseIds()[1]));
    }

    private Optional<TokenizedUnpaired> unpaired(UnpairedPreference row) {
        return joint(row.prompt(), List.of(row.completion()))
                .map(joint -> new TokenizedUnpaired(joint.promptIds(), joint.responseIds()[0], row.label()));
    }

    private Optional<TokenizedRanking> ranking(Ranking row) {
        int[] ranks = row.ranks().stream().mapToInt(Integer::intValue).toArray();
        return joint(row.prompt(), row.responses())
                .map(joint -> new TokenizedRanking(
                        joint.promptIds(),
                        joint.responseIds(),
                        ranks,
                        row.margin().orElse(0)));
    }

    private Optional<TokenizedPrompt> prompt(Prompt row) {
        Optional<int[]> ids = prompt(row.prompt());
        ids.ifPresent(kept -> counts.tokens += kept.length);
        Optional<PromptText> text = Optional.empty();
        if (rule.what() == ExampleRule.What.PROMPT_AND_TEXT) {
            boolean isMessage = options.chatTemplate() == ChatTemplateUse.ON && !row.isConversational();
            text = Optional.of(new PromptText(row.prompt(), isMessage));
        }
        return ids.isEmpty()
                ? Optional.empty()
                : Optional.of(new TokenizedPrompt(ids.get(), row.tags().columns(), text));
    }

    private Optional<int[]> prompt(Content prompt) {
        return truncation.fitPrompt(tokens.prompt(prompt, counts), counts);
    }

    private Optional<JointTokens> joint(Content prompt, List<Content> responses) {
        Optional<JointTokens> joint = truncation.fit(tokens.joint(prompt, responses, counts), counts);
        joint.ifPresent(kept -> {
            for (int[] response : kept.responseIds()) {
                counts.tokens += kept.promptIds().length + response.length;
                counts.targets += response.length;
                counts.sequences++;
                counts.ended += tokenizer.isStop(response[response.length - 1]) ? 1 : 0;
            }
        });
        return joint;
    }

    /** What is too long is cut as TRL's PRMTrainer does: the first tokens of the answer, then the first of all. */
    private Optional<TokenizedSteps> steps(StepwiseSupervision row) {
        StepRules rules = rule.steps().orElseThrow();
        StepTokens steps = stepTokens.orElseThrow();
        boolean isPlain = row.prompt() instanceof Content.Text && options.chatTemplate() != ChatTemplateUse.ON;
        int[] whole = isPlain ? steps.prompt(row.prompt().key()) : tokens.prompt(row.prompt(), counts);
        StepTokens.Encoded encoded = steps.encode(row.completions());
        int longest = Math.min(
                encoded.ids().length, rules.longestCompletion() == 0 ? Integer.MAX_VALUE : rules.longestCompletion());
        int[] prompt = truncation.fitPromptBefore(whole, longest, counts);
        int length = Math.min(longest, options.maxLength() - prompt.length);
        if (length < longest && options.truncationMode() == TruncationMode.DROP) {
            counts.dropped++;
            return Optional.empty();
        }
        int from = rules.lastStepOnly() ? encoded.ends().length - 1 : 0;
        int[] ends = Arrays.stream(encoded.ends(), from, encoded.ends().length)
                .filter(end -> end < length)
                .toArray();
        if (ends.length == 0) {
            counts.dropped++;
            return Optional.empty();
        }
        boolean[] labels = new boolean[ends.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = row.labels().get(from + i);
        }
        counts.responsesCut += length < encoded.ids().length ? 1 : 0;
        counts.tokens += prompt.length + length;
        counts.targets += ends.length;
        return Optional.of(new TokenizedSteps(prompt, Arrays.copyOf(encoded.ids(), length), ends, labels));
    }

    private Optional<TokenizedSequence> sequence(DataRecord dataRecord) {
        if (dataRecord instanceof PromptCompletion demonstration) {
            return truncation
                    .fit(tokens.joint(demonstration.prompt(), List.of(demonstration.completion()), counts), counts)
                    .map(joint -> Sequences.ofResponse(joint, 0, options.completionOnlyLoss()));
        }
        if (dataRecord instanceof Conversation conversation) {
            EncodedChat encoded = tokens.conversation(conversation.messages(), counts);
            boolean[] isTarget = encoded.isAssistant();
            if (!options.assistantOnlyLoss()) {
                isTarget = new boolean[isTarget.length];
                Arrays.fill(isTarget, true);
            }
            return fitWhole(encoded.ids(), isTarget);
        }
        if (dataRecord instanceof TextRecord text) {
            int[] ids = tokens.document(text.text(), counts);
            boolean[] isTarget = new boolean[ids.length];
            Arrays.fill(isTarget, true);
            return fitWhole(ids, isTarget);
        }
        throw new IllegalArgumentException("not for SFT: " + dataRecord.kind());
    }

    /** A row as trainers see it: a sequence for each response, or for the prompt alone, with the tokens that a loss counts; none where it is left out. */
    List<TokenizedSequence> sequences(DataRecord row) {
        if (row instanceof Prompt || row instanceof StepwiseSupervision) {
            Content asked = row instanceof Prompt alone ? alone.prompt() : ((StepwiseSupervision) row).prompt();
            return prompt(asked).stream()
                    .map(ids -> new TokenizedSequence(ids, new boolean[ids.length]))
                    .toList();
        }
        if (row instanceof PreferencePair pair) {
            return responses(pair.prompt(), List.of(pair.chosen(), pair.rejected()));
        }
        if (row instanceof Ranking ranking) {
            return responses(ranking.prompt(), ranking.responses());
        }
        if (row instanceof UnpairedPreference unpaired) {
            return responses(unpaired.prompt(), List.of(unpaired.completion()));
        }
        return sequence(row).stream().toList();
    }

    private List<TokenizedSequence> responses(Content prompt, List<Content> responses) {
        return joint(prompt, responses).stream()
                .flatMap(joint ->
                        IntStream.range(0, responses.size()).mapToObj(k -> Sequences.ofResponse(joint, k, true)))
                .toList();
    }

    /** A text or conversation has no prompt to cut: its first tokens are kept, unless long ones are to be dropped. */
    private Optional<TokenizedSequence> fitWhole(int[] ids, boolean[] isTarget) {
        boolean isCut = ids.length > options.maxLength();
        if (isCut && options.truncationMode() == TruncationMode.DROP) {
            counts.dropped++;
            return Optional.empty();
        }
        Optional<TokenizedSequence> sequence = Sequences.ofStart(ids, isTarget, options.maxLength());
        counts.untrained += sequence.isEmpty() ? 1 : 0;
        counts.responsesCut += sequence.isPresent() && isCut ? 1 : 0;
        return sequence;
    }

    private void count(TokenizedSequence sequence) {
        counts.tokens += sequence.ids().length;
        int last = -1;
        for (int i = 0; i < sequence.isTarget().length; i++) {
            counts.targets += sequence.isTarget()[i] ? 1 : 0;
            last = sequence.isTarget()[i] ? i : last;
        }
        counts.sequences++;
        counts.ended += last >= 0 && tokenizer.isStop(sequence.ids()[last]) ? 1 : 0;
    }
}
