package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.tokens.ChatEncoder.EncodedChat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Turns records into tokenised examples that lie in a folder, under a key of everything they depend on (the records, the tokenizer, the template, the options), so
 * that a later run finds them again.
 *
 * <p>Only one thread may make examples at a time; several processes may share the folder.
 */
public final class TokenCache {
    private static final String VERSION = "3"; // to be raised when the rules of tokenising or the files' form change

    private final Path folder;
    private final Tokenizer tokenizer;
    private final String tokenizerKey;
    private final ChatEncoder chat;
    private final Optional<Supplier<Blob>> files;
    private final Optional<Cluster> cluster;

    /**
     * A cache.
     *
     * @param folder where its files lie; made when needed
     * @param tokenizerKey identifies tokenizer and chat template exactly, for example by a hash of their files
     * @param chat the model's chat template, or {@link ChatEncoder#NONE}
     */
    public TokenCache(Path folder, Tokenizer tokenizer, String tokenizerKey, ChatEncoder chat) {
        this(folder, tokenizer, tokenizerKey, chat, Optional.empty(), Optional.empty());
    }

    private TokenCache(
            Path folder,
            Tokenizer tokenizer,
            String tokenizerKey,
            ChatEncoder chat,
            Optional<Supplier<Blob>> files,
            Optional<Cluster> cluster) {
        this.files = files;
        this.cluster = cluster;
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.tokenizerKey = tokenizerKey;
        this.chat = chat;
    }

    /** The same cache, whose tokenizer can travel: by {@link TravellingTokenizer#blob} of its files. */
    public TokenCache travelling(Supplier<Blob> tokenizerFiles) {
        return new TokenCache(folder, tokenizer, tokenizerKey, chat, Optional.of(tokenizerFiles), cluster);
    }

    /** The same cache; the workers of a cluster make tokens of documents, where the tokenizer can travel. Its files are the same bytes. */
    public TokenCache on(Cluster workers) {
        return new TokenCache(folder, tokenizer, tokenizerKey, chat, files, Optional.of(workers));
    }

    /** For SFT: of {@link TextRecord} (all tokens are targets), {@link PromptCompletion} or {@link Conversation}. */
    public CachedExamples<TokenizedSequence> sequences(RecordSet<?> records, TokenizingOptions options) {
        return make("sequence", ExampleFormat.SEQUENCE, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                DataRecord source = records.get(row);
                Optional<TokenizedSequence> sequence = work.sequence(source);
                if (sequence.isPresent()) {
                    writer.keep(source);
                    work.countSequence(sequence.get());
                    writer.add(row, sequence.get());
                }
            }
        });
    }

    /** For SFT, several sequences to an example; without a strategy one. */
    public CachedExamples<TokenizedPack> packs(
            RecordSet<?> records, TokenizingOptions options, Optional<PackingStrategy> strategy) {
        String kind = "pack"
                + strategy.map(of -> "-" + of.name().toLowerCase(Locale.ROOT)).orElse("");
        return make(kind, ExampleFormat.PACK, records, options, (given, writer) -> {
            Work work = strategy.map(PackingStrategy::cuts).orElse(true) ? given : given.uncut();
            ObjLongConsumer<TokenizedPack> sink = (pack, row) -> writer.add(row, pack);
            Optional<SequencePacker> packer = strategy.map(how -> new SequencePacker(options.maxLength(), how, sink));
            for (long row = 0; row < records.size(); row++) {
                DataRecord source = records.get(row);
                Optional<TokenizedSequence> sequence = work.sequence(source);
                if (sequence.isPresent()) {
                    writer.keep(source);
                    work.countSequence(sequence.get());
                    add(sequence.get(), row, packer, sink);
                }
            }
            packer.ifPresent(SequencePacker::flush);
        });
    }

    private static void add(
            TokenizedSequence sequence,
            long row,
            Optional<SequencePacker> packer,
            ObjLongConsumer<TokenizedPack> sink) {
        if (packer.isPresent()) {
            packer.get().add(sequence, row);
        } else {
            sink.accept(TokenizedPack.of(List.of(sequence)), row);
        }
    }

    /** For DPO, and reward models on pairs. */
    public CachedExamples<TokenizedPair> pairs(RecordSet<PreferencePair> records, TokenizingOptions options) {
        return make("pair", ExampleFormat.PAIR, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                PreferencePair pair = records.get(row);
                Optional<JointTokens> tokens = work.joint(pair.prompt(), List.of(pair.chosen(), pair.rejected()));
                if (tokens.isPresent()) {
                    writer.keep(pair);
                    int[][] responses = tokens.get().responseIds();
                    writer.add(row, new TokenizedPair(tokens.get().promptIds(), responses[0], responses[1]));
                }
            }
        });
    }

    /** For KTO. */
    public CachedExamples<TokenizedUnpaired> unpaired(
            RecordSet<UnpairedPreference> records, TokenizingOptions options) {
        return make("unpaired", ExampleFormat.UNPAIRED, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                UnpairedPreference unpaired = records.get(row);
                Optional<JointTokens> tokens = work.joint(unpaired.prompt(), List.of(unpaired.completion()));
                if (tokens.isPresent()) {
                    writer.keep(unpaired);
                    writer.add(
                            row,
                            new TokenizedUnpaired(
                                    tokens.get().promptIds(), tokens.get().responseIds()[0], unpaired.label()));
                }
            }
        });
    }

    /**
     * For process reward models. What is too long is cut as TRL's PRMTrainer does, the first {@code longestCompletion} tokens of the answer, then the first max_length of all; prompt_left cuts the prompt first.
     *
     * @param separator what ends each step
     * @param longestCompletion tokens; 0: no limit
     * @param lastStepOnly whether the last step's label alone counts
     */
    public CachedExamples<TokenizedSteps> steps(
            RecordSet<StepwiseSupervision> records,
            TokenizingOptions options,
            String separator,
            int longestCompletion,
            boolean lastStepOnly) {
        StepTokens tokens = new StepTokens(tokenizer, separator, options.splitSpecialTokens());
        String rules = "steps" + (lastStepOnly ? "-last" : "") + "-" + longestCompletion + "-"
                + HexFormat.of().formatHex(separator.getBytes(StandardCharsets.UTF_8));
        return make(rules, ExampleFormat.STEPS, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                StepwiseSupervision source = records.get(row);
                Optional<TokenizedSteps> steps = work.steps(source, tokens, longestCompletion, lastStepOnly);
                if (steps.isPresent()) {
                    writer.keep(source);
                    writer.add(row, steps.get());
                }
            }
        });
    }

    /** For reward models. */
    public CachedExamples<TokenizedRanking> rankings(RecordSet<Ranking> records, TokenizingOptions options) {
        return make("ranking", ExampleFormat.RANKING, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                Ranking ranking = records.get(row);
                int[] ranks =
                        ranking.ranks().stream().mapToInt(Integer::intValue).toArray();
                Optional<JointTokens> tokens = work.joint(ranking.prompt(), ranking.responses());
                if (tokens.isPresent()) {
                    writer.keep(ranking);
                    writer.add(
                            row,
                            new TokenizedRanking(
                                    tokens.get().promptIds(),
                                    tokens.get().responseIds(),
                                    ranks,
                                    ranking.margin().orElse(0)));
                }
            }
        });
    }

    /** For roll-outs and evaluation; max_length is of the prompt alone. */
    public CachedExamples<TokenizedPrompt> prompts(RecordSet<Prompt> records, TokenizingOptions options) {
        return prompts("prompt", records, options, prompt -> Optional.empty());
    }

    /** The same with their texts, for models that read other tokens. */
    public CachedExamples<TokenizedPrompt> promptsWithTexts(RecordSet<Prompt> records, TokenizingOptions options) {
        boolean asMessage = options.chatTemplate() == ChatTemplateUse.ON;
        return prompts(
                "prompt-text",
                records,
                options,
                prompt -> Optional.of(new PromptText(prompt.prompt(), asMessage && !prompt.isConversational())));
    }

    private CachedExamples<TokenizedPrompt> prompts(
            String kind,
            RecordSet<Prompt> records,
            TokenizingOptions options,
            Function<Prompt, Optional<PromptText>> texts) {
        return make(kind, ExampleFormat.PROMPT, records, options, (work, writer) -> {
            for (long row = 0; row < records.size(); row++) {
                Prompt prompt = records.get(row);
                Optional<int[]> ids = work.prompt(prompt.prompt());
                if (ids.isPresent()) {
                    writer.keep(prompt);
                    work.counts.tokens += ids.get().length;
                    writer.add(row, new TokenizedPrompt(ids.get(), prompt.tags().columns(), texts.apply(prompt)));
                }
            }
        });
    }

    /** For pre-training: all documents, end to end in windows of max_length tokens; truncation_mode does not apply. */
    public CachedExamples<TokenizedWindow> windows(RecordSet<TextRecord> records, TokenizingOptions options) {
        return make("window", ExampleFormat.WINDOW, records, options, (work, writer) -> {
            WindowPacker packer = new WindowPacker(options.maxLength(), (window, firstRow) -> {
                work.counts.tokens += window.ids().length;
                work.counts.targets += window.ids().length - window.documents();
                work.counts.sequences += window.documents();
                for (int d = 0; d < window.documents(); d++) {
                    work.counts.ended += work.tokens.isStop(window.ids()[window.documentEnd(d) - 1]) ? 1 : 0;
                }
                writer.add(firstRow, window);
            });
            Optional<Documents> elsewhere = documents(records, options);
            for (long row = 0; row < records.size(); row++) {
                Documents.Document document =
                        elsewhere.isPresent() ? elsewhere.get().next() : work.document(records.get(row));
                if (elsewhere.isPresent()) {
                    work.tokens.countSpecial(Content.of(document.row().text()), work.counts);
                }
                writer.keep(document.row());
                packer.add(document.ids(), row);
            }
            packer.flush();
        });
    }

    /** Documents whose tokens workers make; empty where this process does. */
    private Optional<Documents> documents(RecordSet<TextRecord> records, TokenizingOptions options) {
        if (files.isEmpty() || cluster.isEmpty() || cluster.get().pieces() <= 1) {
            return Optional.empty();
        }
        DocumentTask task = new DocumentTask(files.get().get(), options.splitSpecialTokens());
        return Optional.of(new Documents(records, cluster.get(), task));
    }

    /** Records one by one as trainers see them, without the cache: a sequence for each response, or for the prompt alone, with the tokens that a loss counts; none where one is dropped. */
    public Function<DataRecord, List<TokenizedSequence>> tokenizing(TokenizingOptions options) {
        return new Work(options)::sequences;
    }

    /**
     * Whether a dataset's plain prompts go through the chat template.
     *
     * @param options with {@code apply_chat_template} as it was given
     */
    public ChatTemplateChoice chatTemplate(RecordSet<?> records, TokenizingOptions options) {
        TokenizingOptions plain = options.with(ChatTemplateUse.OFF);
        return ChatTemplateChoice.of(
                records,
                options,
                chat != ChatEncoder.NONE,
                new SpecialTokenTexts(tokenizer),
                (on, row) -> !ChatTemplateChoice.areEqual(
                        tokenizing(on).apply(row), tokenizing(plain).apply(row)));
    }

    /** The tokens that end a turn or a text, and the padding token, for the person who watches. */
    public String endTokens() {
        String ends = Arrays.stream(tokenizer.stopIds())
                .mapToObj(id -> tokenizer.token(id) + " (" + id + ")")
                .collect(Collectors.joining(", "));
        OptionalInt pad = tokenizer.padId();
        boolean isEnd = pad.isPresent() && Arrays.stream(tokenizer.stopIds()).anyMatch(id -> id == pad.getAsInt());
        return "turns end with " + ends
                + (isEnd
                        ? "; one of them is the padding token too: nothing is padded here, so it is trained, but trainers that mask padding by its id leave it out"
                        : "");
    }

    private interface Maker<T> {
        void make(Work work, CacheWriter<T> writer);
    }

    private <T> CachedExamples<T> make(
            String kind, ExampleFormat<T> format, RecordSet<?> records, TokenizingOptions options, Maker<T> maker) {
        CacheEntry entry = new CacheEntry(folder, key(kind, records, options));
        Optional<CachedExamples<T>> known = entry.open(format);
        if (known.isPresent()) {
            return known.get();
        }
        boolean isDamaged = entry.exists();
        try (CacheWriter<T> writer = new CacheWriter<>(entry, format)) {
            Work work = new Work(options);
            work.counts.rows = records.size();
            maker.make(work, writer);
            TokenizationReport report = work.counts.report();
            boolean learns = report.targets() > 0 || format.equals(ExampleFormat.PROMPT);
            if (report.tokens() == 0 || !learns) {
                throw new UserError(
                        "nothing would be learnt from dataset %s: it has no row that fits max_length %d with a token to learn: %s"
                                .formatted(
                                        records.origin().path(),
                                        options.maxLength(),
                                        String.join(
                                                "; ",
                                                report.lines(records.origin().path(), options))));
            }
            writer.finish(report);
        }
        CachedExamples<T> made =
                entry.open(format).orElseThrow(() -> new IllegalStateException("cache entry vanished: " + entry));
        return isDamaged
                ? made.madeAgain("the token cache " + entry.tokens() + " was damaged and is made again")
                : made;
    }

    private String key(String kind, RecordSet<?> records, TokenizingOptions options) {
        String parts = String.join(
                "\n",
                VERSION,
                kind,
                records.origin().contentHash(),
                records.kind().configName(),
                tokenizerKey,
                options.toString());
        byte[] hash = new Sha256().add(parts).bytes();
        return kind + "-" + HexFormat.of().formatHex(hash, 0, 16);
    }

    /** The rules under one set of options, and what they did. */
    private final class Work {
        private final TokenizingOptions options;
        private final RecordTokenizer tokens;
        private final Truncation truncation;
        private final ReportCounts counts;

        Work(TokenizingOptions options) {
            this(options, new ReportCounts());
        }

        private Work(TokenizingOptions options, ReportCounts counts) {
            this.options = options;
            this.counts = counts;
            this.tokens = new RecordTokenizer(
                    tokenizer, chat, options.splitSpecialTokens(), options.chatTemplate() == ChatTemplateUse.ON);
            this.truncation = new Truncation(options, tokenizer.bosId());
        }

        /** The same rules without max_length, counted together with these. */
        Work uncut() {
            return new Work(options.withMaxLength(Integer.MAX_VALUE), counts);
        }

        Documents.Document document(TextRecord row) {
            return new Documents.Document(row, tokens.document(row.text(), counts));
        }

        Optional<int[]> prompt(Content prompt) {
            return truncation.fitPrompt(tokens.prompt(prompt, counts), counts);
        }

        Optional<JointTokens> joint(Content prompt, List<Content> responses) {
            Optional<JointTokens> joint = truncation.fit(tokens.joint(prompt, responses, counts), counts);
            joint.ifPresent(kept -> {
                for (int[] response : kept.responseIds()) {
                    counts.tokens += kept.promptIds().length + response.length;
                    counts.targets += response.length;
                    counts.sequences++;
                    counts.ended += tokens.isStop(response[response.length - 1]) ? 1 : 0;
                }
            });
            return joint;
        }

        Optional<TokenizedSteps> steps(
                StepwiseSupervision row, StepTokens steps, int longestCompletion, boolean lastStepOnly) {
            boolean isPlain = row.prompt() instanceof Content.Text && options.chatTemplate() != ChatTemplateUse.ON;
            int[] whole = isPlain ? steps.prompt(row.prompt().key()) : tokens.prompt(row.prompt(), counts);
            StepTokens.Encoded encoded = steps.encode(row.completions());
            int longest =
                    Math.min(encoded.ids().length, longestCompletion == 0 ? Integer.MAX_VALUE : longestCompletion);
            int[] prompt = truncation.fitPromptBefore(whole, longest, counts);
            int length = Math.min(longest, options.maxLength() - prompt.length);
            if (length < longest && options.truncationMode() == TruncationMode.DROP) {
                counts.dropped++;
                return Optional.empty();
            }
            int from = lastStepOnly ? encoded.ends().length - 1 : 0;
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

        Optional<TokenizedSequence> sequence(DataRecord dataRecord) {
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

        void countSequence(TokenizedSequence sequence) {
            counts.tokens += sequence.ids().length;
            int last = -1;
            for (int i = 0; i < sequence.isTarget().length; i++) {
                counts.targets += sequence.isTarget()[i] ? 1 : 0;
                last = sequence.isTarget()[i] ? i : last;
            }
            counts.sequences++;
            counts.ended += last >= 0 && tokens.isStop(sequence.ids()[last]) ? 1 : 0;
        }
    }
}
