package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.wire.Blob;
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
import io.github.rlhf4j.datasets.tokens.ExampleRule.What;
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

    /** The same cache; the workers of a cluster make tokens of rows in chunks, where the tokenizer can travel and rows are more than one chunk, else the threads of this process. Its files are the same bytes. */
    public TokenCache on(Cluster workers) {
        return new TokenCache(folder, tokenizer, tokenizerKey, chat, files, Optional.of(workers));
    }

    /** For SFT: of {@link TextRecord} (all tokens are targets), {@link PromptCompletion} or {@link Conversation}. */
    public CachedExamples<TokenizedSequence> sequences(RecordSet<?> records, TokenizingOptions options) {
        return each("sequence", ExampleFormat.SEQUENCE, records, new ExampleRule(What.SEQUENCE, options));
    }

    /** For SFT, several sequences to an example; without a strategy one. */
    public CachedExamples<TokenizedPack> packs(
            RecordSet<?> records, TokenizingOptions options, Optional<PackingStrategy> strategy) {
        String kind = "pack"
                + strategy.map(of -> "-" + of.name().toLowerCase(Locale.ROOT)).orElse("");
        boolean cuts = strategy.map(PackingStrategy::cuts).orElse(true);
        ExampleRule rule = new ExampleRule(What.SEQUENCE, cuts ? options : options.withMaxLength(Integer.MAX_VALUE));
        return make(kind, ExampleFormat.PACK, records, options, (counts, writer) -> {
            ObjLongConsumer<TokenizedPack> sink = (pack, row) -> writer.add(row, ExampleFormat.PACK.parts(pack));
            Optional<SequencePacker> packer = strategy.map(how -> new SequencePacker(options.maxLength(), how, sink));
            forEach(records, rule, counts, (row, example) -> {
                writer.keep(example.promptHash());
                add(ExampleFormat.SEQUENCE.example(example.parts()), row, packer, sink);
            });
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
        return each("pair", ExampleFormat.PAIR, records, new ExampleRule(What.PAIR, options));
    }

    /** For KTO. */
    public CachedExamples<TokenizedUnpaired> unpaired(
            RecordSet<UnpairedPreference> records, TokenizingOptions options) {
        return each("unpaired", ExampleFormat.UNPAIRED, records, new ExampleRule(What.UNPAIRED, options));
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
        String kind = "steps" + (lastStepOnly ? "-last" : "") + "-" + longestCompletion + "-"
                + HexFormat.of().formatHex(separator.getBytes(StandardCharsets.UTF_8));
        StepRules steps = new StepRules(separator, longestCompletion, lastStepOnly);
        return each(kind, ExampleFormat.STEPS, records, new ExampleRule(What.STEPS, options, Optional.of(steps)));
    }

    /** For reward models. */
    public CachedExamples<TokenizedRanking> rankings(RecordSet<Ranking> records, TokenizingOptions options) {
        return each("ranking", ExampleFormat.RANKING, records, new ExampleRule(What.RANKING, options));
    }

    /** For roll-outs and evaluation; max_length is of the prompt alone. */
    public CachedExamples<TokenizedPrompt> prompts(RecordSet<Prompt> records, TokenizingOptions options) {
        return each("prompt", ExampleFormat.PROMPT, records, new ExampleRule(What.PROMPT, options));
    }

    /** The same with their texts, for models that read other tokens. */
    public CachedExamples<TokenizedPrompt> promptsWithTexts(RecordSet<Prompt> records, TokenizingOptions options) {
        return each("prompt-text", ExampleFormat.PROMPT, records, new ExampleRule(What.PROMPT_AND_TEXT, options));
    }

    /** For pre-training: all documents, end to end in windows of max_length tokens; truncation_mode does not apply. */
    public CachedExamples<TokenizedWindow> windows(RecordSet<TextRecord> records, TokenizingOptions options) {
        ExampleRule rule = new ExampleRule(What.DOCUMENT, options);
        return make("window", ExampleFormat.WINDOW, records, options, (counts, writer) -> {
            WindowPacker packer = new WindowPacker(options.maxLength(), (window, firstRow) -> {
                counts.tokens += window.ids().length;
                counts.targets += window.ids().length - window.documents();
                counts.sequences += window.documents();
                for (int d = 0; d < window.documents(); d++) {
                    counts.ended += tokenizer.isStop(window.ids()[window.documentEnd(d) - 1]) ? 1 : 0;
                }
                writer.add(firstRow, ExampleFormat.WINDOW.parts(window));
            });
            forEach(records, rule, counts, (row, document) -> {
                writer.keep(document.promptHash());
                packer.add(document.parts()[0], row);
            });
            packer.flush();
        });
    }

    /** Records one by one as trainers see them, without the cache: a sequence for each response, or for the prompt alone, with the tokens that a loss counts; none where one is dropped. */
    public Function<DataRecord, List<TokenizedSequence>> tokenizing(TokenizingOptions options) {
        return new RowTokens(tokenizer, chat, new ExampleRule(What.SEQUENCE, options), new ReportCounts())::sequences;
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
        boolean isEnd = pad.isPresent() && tokenizer.isStop(pad.getAsInt());
        return "turns end with " + ends
                + (isEnd
                        ? "; one of them is the padding token too: nothing is padded here, so it is trained, but trainers that mask padding by its id leave it out"
                        : "");
    }

    /** Makes an example of each row, here or on workers. */
    private void forEach(RecordSet<?> records, ExampleRule rule, ReportCounts counts, RowExamples.Taker taker) {
        RowExamples examples = new RowExamples(records, new RowTokens(tokenizer, chat, rule, counts), taker);
        if (cluster.isEmpty()) {
            examples.makeHere();
        } else if (files.isPresent() && cluster.get().hasWorkers()) {
            examples.makeOn(cluster.get(), files.get());
        } else {
            examples.makeHere(cluster.get().kernels());
        }
    }

    private interface Maker {
        void make(ReportCounts counts, CacheWriter writer);
    }

    private <T> CachedExamples<T> each(String kind, ExampleFormat<T> format, RecordSet<?> records, ExampleRule rule) {
        return make(
                kind,
                format,
                records,
                rule.options(),
                (counts, writer) -> forEach(records, rule, counts, (row, example) -> {
                    writer.keep(example.promptHash());
                    writer.add(row, example.parts());
                }));
    }

    private <T> CachedExamples<T> make(
            String kind, ExampleFormat<T> format, RecordSet<?> records, TokenizingOptions options, Maker maker) {
        CacheEntry entry = new CacheEntry(folder, key(kind, records, options));
        Optional<CachedExamples<T>> known = entry.open(format);
        if (known.isPresent()) {
            return known.get();
        }
        boolean isDamaged = entry.exists();
        try (CacheWriter writer = new CacheWriter(entry)) {
            ReportCounts counts = new ReportCounts();
            counts.rows = records.size();
            maker.make(counts, writer);
            TokenizationReport report = counts.report();
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
}
