package io.github.rlhf4j.datasets.tokens;

import static io.github.rlhf4j.datasets.DatasetsFixture.datasets;
import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static io.github.rlhf4j.datasets.tokens.FakeTokenizer.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCacheTest {
    private static final TokenizingOptions OPTIONS = TokenizingOptions.of(100);

    @TempDir
    Path folder;

    private TokenCache cache(boolean addsBos) {
        Tokenizer tokenizer = new FakeTokenizer(addsBos);
        return new TokenCache(folder.resolve("cache"), tokenizer, "fake" + addsBos, FakeTokenizer.chat());
    }

    private <T extends DataRecord> RecordSet<T> records(Class<T> type, List<T> rows) {
        String lines = rows.stream().map(RecordJson::toLine).collect(Collectors.joining("\n"));
        return datasets().open(file(folder, "rows.jsonl", lines), type, 1);
    }

    private CachedExamples<TokenizedSequence> demonstrations(TokenizingOptions options, PromptCompletion... rows) {
        return cache(true).sequences(records(PromptCompletion.class, List.of(rows)), options);
    }

    private CachedExamples<TokenizedPair> pairs(TokenizingOptions options, PreferencePair... rows) {
        return cache(true).pairs(records(PreferencePair.class, List.of(rows)), options);
    }

    private static String targets(TokenizedSequence sequence) {
        StringBuilder text = new StringBuilder();
        for (boolean isTarget : sequence.isTarget()) {
            text.append(isTarget ? 'x' : '.');
        }
        return text.toString();
    }

    @Test
    void aPromptKeepsTheColumnsOfItsRow() {
        String rows = "{\"prompt\": \"a\", \"truth\": \"\u2603 4\", \"level\": 3}\n{\"prompt\": \"b\"}";
        DatasetSpec spec = file(folder, "rows.jsonl", rows);

        CachedExamples<TokenizedPrompt> kept =
                cache(true).prompts(datasets().open(spec.keeping(KeptColumns.ALL), Prompt.class, 1), OPTIONS);
        CachedExamples<TokenizedPrompt> plain = cache(true).prompts(datasets().open(spec, Prompt.class, 1), OPTIONS);

        assertThat(kept.get(0).columns()).isEqualTo(Map.of("truth", "\u2603 4", "level", 3L));
        assertThat(kept.get(1).columns()).isEmpty();
        assertThat(plain.get(0).columns()).isEmpty();
        assertThat(kept.get(0).ids()).isEqualTo(plain.get(0).ids());
    }

    // Tokenising

    @Test
    void aResponseIsTokenisedTogetherWithItsPrompt() {
        TokenizedSequence sequence =
                demonstrations(OPTIONS, new PromptCompletion("why", "so")).get(0);

        assertThat(sequence.ids()).isEqualTo(ids("< whyso>")); // alone, "so" would have a space in front
        assertThat(targets(sequence)).isEqualTo(".....xxx"); // the end token is learnt
    }

    @Test
    void anUnpairedResponseKeepsItsLabel() {
        List<UnpairedPreference> rows =
                List.of(new UnpairedPreference("why", "so", true), new UnpairedPreference("why", "b", false));
        CachedExamples<TokenizedUnpaired> examples =
                cache(true).unpaired(records(UnpairedPreference.class, rows), OPTIONS);

        assertThat(examples.get(0).promptIds()).isEqualTo(ids("< why"));
        assertThat(examples.get(0).completionIds()).isEqualTo(ids("so>"));
        assertThat(examples.get(0).label()).isTrue();
        assertThat(examples.get(1).completionIds()).isEqualTo(ids("b>"));
        assertThat(examples.get(1).label()).isFalse();
        assertThat(examples.report().targets()).isEqualTo(5);
    }

    @Test
    void withoutCompletionOnlyLossAllButTheFirstTokenAreTargets() {
        TokenizingOptions all =
                new TokenizingOptions(100, TruncationMode.PROMPT_LEFT, false, false, false, ChatTemplateUse.OFF);

        assertThat(targets(
                        demonstrations(all, new PromptCompletion("why", "so")).get(0)))
                .isEqualTo(".xxxxxxx");
    }

    @Test
    void aBoundaryThatMergesBeginsTheResponseWhereTheTokensPart() {
        CachedExamples<TokenizedPair> examples =
                pairs(OPTIONS, new PreferencePair("xa", "bc", "dc"), new PreferencePair("x", "b", "c"));

        TokenizedPair pair = examples.get(0);
        assertThat(pair.promptIds()).isEqualTo(ids("< x")); // "a" is part of the token "ab" of the first response
        assertThat(pair.chosenIds()).isEqualTo(ids("@c>"));
        assertThat(pair.rejectedIds()).isEqualTo(ids("adc>"));
        assertThat(examples.report().boundaryMismatches()).isEqualTo(1);
        assertThat(examples.report().lines("d", OPTIONS))
                .singleElement()
                .asString()
                .startsWith("d: 1 responses (2 rows) merge");
    }

    @Test
    void neitherBosNorEndTokenIsDoubled() {
        TokenizedSequence sequence = demonstrations(OPTIONS, new PromptCompletion("<s>why", "so</s>"))
                .get(0);

        assertThat(sequence.ids()).isEqualTo(ids("< whyso>"));
    }

    @Test
    void specialTokensInTheDataAreCountedAndReadAsTokensUnlessSplit() {
        PromptCompletion row = new PromptCompletion("a</s>", "b</s>c");
        CachedExamples<TokenizedSequence> asTokens = demonstrations(OPTIONS, row);
        CachedExamples<TokenizedSequence> asText = demonstrations(
                new TokenizingOptions(100, TruncationMode.PROMPT_LEFT, true, true, false, ChatTemplateUse.OFF), row);

        assertThat(asTokens.get(0).ids()).isEqualTo(ids("< a>b>c>"));
        assertThat(asTokens.report().specialTokensInText()).isEqualTo(2);
        assertThat(asText.get(0).ids()).hasSize(3 + "</s>b</s>c".length() + 1).endsWith('>', 'c', FakeTokenizer.END);
        assertThat(asText.report().specialTokensInText()).isZero();
    }

    @Test
    void splittingStillEndsATextThatLooksLikeItEnds() {
        TokenizingOptions split =
                new TokenizingOptions(100, TruncationMode.PROMPT_LEFT, true, true, false, ChatTemplateUse.OFF);

        assertThat(demonstrations(split, new PromptCompletion("a", "b</s>"))
                        .get(0)
                        .ids())
                .endsWith('s', '>', FakeTokenizer.END);
    }

    @Test
    void anEmptyPromptBeginsWithTheEndTokenWhereThereIsNoBos() {
        RecordSet<PreferencePair> rows = records(PreferencePair.class, List.of(new PreferencePair("", "x", "y")));

        TokenizedPair without = cache(false).pairs(rows, OPTIONS).get(0);
        TokenizedPair with = cache(true).pairs(rows, OPTIONS).get(0);

        assertThat(without.promptIds()).isEqualTo(ids(">"));
        assertThat(without.chosenIds()).isEqualTo(ids(" x>"));
        assertThat(with.promptIds()).isEqualTo(ids("<"));
        assertThat(with.chosenIds()).isEqualTo(ids(" x>"));
    }

    // Conversations

    private static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    private static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }

    @Test
    void aConversationLearnsAllTurnsOrTheAssistantsWithTheirEndTokens() {
        RecordSet<Conversation> rows = records(
                Conversation.class,
                List.of(new Conversation(List.of(user("h"), assistant("ok"), user("b"), assistant("y")))));
        TokenizingOptions assistantOnly =
                new TokenizingOptions(100, TruncationMode.PROMPT_LEFT, false, true, true, ChatTemplateUse.OFF);

        TokenizedSequence all = cache(true).sequences(rows, OPTIONS).get(0);
        TokenizedSequence own = cache(true).sequences(rows, assistantOnly).get(0);

        assertThat(all.ids()).isEqualTo(ids("<uh>\n<aok>\n<ub>\n<ay>")); // nothing after the last end token
        assertThat(targets(all)).isEqualTo(".".concat("x".repeat(19)));
        assertThat(targets(own)).isEqualTo(".......xxx........xx");
    }

    @Test
    void aConversationalPairHasAPromptThatAsksForTheAnswer() {
        PreferencePair pair = new PreferencePair(
                Content.of(List.of(user("h"))),
                Content.of(List.of(assistant("ok"))),
                Content.of(List.of(assistant("no"))),
                RowTags.NONE);

        TokenizedPair tokens = pairs(OPTIONS, pair).get(0);

        assertThat(tokens.promptIds()).isEqualTo(ids("<uh>\n<a"));
        assertThat(tokens.chosenIds()).isEqualTo(ids("ok>"));
        assertThat(tokens.rejectedIds()).isEqualTo(ids("no>"));
    }

    @Test
    void chatDataWithoutATemplateAreAnError() {
        TokenCache cache = new TokenCache(folder, new FakeTokenizer(true), "k", ChatEncoder.NONE);
        RecordSet<Conversation> rows = records(Conversation.class, List.of(new Conversation(List.of(user("h")))));

        assertThatThrownBy(() -> cache.sequences(rows, OPTIONS))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no chat template");
    }

    // Truncation

    @Test
    void theLengthCountsPromptAndResponseWithBosAndEndToken() {
        PreferencePair pair = new PreferencePair("why", "so", "no");

        assertThat(pairs(TokenizingOptions.of(8), pair).report().promptsCut()).isZero(); // "< whyso>" is 8
        assertThat(pairs(TokenizingOptions.of(7), pair).report().promptsCut()).isEqualTo(1);
    }

    @Test
    void thePromptIsCutFromTheLeftAndBosAndEndTokenStay() {
        CachedExamples<TokenizedPair> examples =
                pairs(TokenizingOptions.of(7), new PreferencePair("abcdefg", "xyz", "u"));

        assertThat(examples.get(0).promptIds()).isEqualTo(ids("<fg"));
        assertThat(examples.get(0).chosenIds()).isEqualTo(ids("xyz>"));
        assertThat(examples.get(0).rejectedIds()).isEqualTo(ids("u>"));
        assertThat(examples.report().lines("d", TokenizingOptions.of(7)))
                .containsExactly("d: 1 of 1 rows had their prompt cut (max_length 7, truncation_mode prompt_left)");
    }

    @Test
    void aResponseThatIsTooLongAloneKeepsItsEndToken() {
        CachedExamples<TokenizedPair> examples =
                pairs(TokenizingOptions.of(4), new PreferencePair("why", "uvwxyz", "u"));

        assertThat(examples.get(0).promptIds()).isEqualTo(ids("<"));
        assertThat(examples.get(0).chosenIds()).isEqualTo(ids("uv>"));
        assertThat(examples.get(0).rejectedIds()).isEqualTo(ids("u>"));
        assertThat(examples.report().responsesCut()).isEqualTo(1);
    }

    @Test
    void keepStartKeepsTheFirstTokensAndDropsWhatHasNoResponseLeft() {
        TokenizingOptions options = TokenizingOptions.of(7).withTruncationMode(TruncationMode.KEEP_START);

        CachedExamples<TokenizedSequence> examples =
                demonstrations(options, new PromptCompletion("why", "xyz"), new PromptCompletion("whyever", "x"));

        assertThat(examples.size()).isEqualTo(1);
        assertThat(examples.get(0).ids()).isEqualTo(ids("< whyxy"));
        assertThat(examples.report().responsesCut()).isEqualTo(1);
        assertThat(examples.report().dropped()).isEqualTo(1);
    }

    @Test
    void dropLeavesLongRowsOutAndTheOthersKeepTheirRow() {
        TokenizingOptions options = TokenizingOptions.of(8).withTruncationMode(TruncationMode.DROP);

        CachedExamples<TokenizedSequence> examples =
                demonstrations(options, new PromptCompletion("why", "not"), new PromptCompletion("why", "so"));

        assertThat(examples.size()).isEqualTo(1);
        assertThat(examples.sourceRow(0)).isEqualTo(1);
        assertThat(examples.report().dropped()).isEqualTo(1);
    }

    @Test
    void nothingLeftIsAnErrorAndLeavesNoFile() throws IOException {
        TokenizingOptions options = TokenizingOptions.of(4).withTruncationMode(TruncationMode.DROP);

        assertThatThrownBy(() -> demonstrations(options, new PromptCompletion("why", "not")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no row that fits max_length 4");
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aPromptAloneKeepsItsRightEnd() {
        RecordSet<Prompt> rows = records(Prompt.class, List.of(new Prompt("abcdefg")));

        assertThat(cache(true).prompts(rows, TokenizingOptions.of(3)).get(0).ids())
                .isEqualTo(ids("<fg"));
        assertThat(cache(true).prompts(rows, OPTIONS).get(0).ids()).isEqualTo(ids("< @cdefg")); // no end token
    }

    // Rankings, texts, windows

    @Test
    void aRankingSharesItsPrompt() {
        Ranking ranking = new Ranking(
                Content.of("why"),
                List.of(Content.of("x"), Content.of("yz"), Content.of("w")),
                List.of(2, 1, 2),
                RowTags.NONE);

        CachedExamples<TokenizedRanking> examples =
                cache(true).rankings(records(Ranking.class, List.of(ranking)), OPTIONS);

        assertThat(examples.get(0).promptIds()).isEqualTo(ids("< why"));
        assertThat(examples.get(0).responseIds()).isDeepEqualTo(new int[][] {ids("x>"), ids("yz>"), ids("w>")});
        assertThat(examples.get(0).ranks()).containsExactly(2, 1, 2);
        assertThat(examples.report().tokens()).isEqualTo(5 * 3 + 2 + 3 + 2); // as if nothing was shared
    }

    @Test
    void aTextIsLearntWholeWithItsEndToken() {
        TokenizedSequence sequence = cache(true)
                .sequences(records(TextRecord.class, List.of(new TextRecord("xyz"))), OPTIONS)
                .get(0);

        assertThat(sequence.ids()).isEqualTo(ids("< xyz>"));
        assertThat(targets(sequence)).isEqualTo(".xxxxx");
    }

    private static List<String> documents(TokenizedWindow window) {
        List<String> documents = new ArrayList<>();
        for (int d = 0; d < window.documents(); d++) {
            StringBuilder text = new StringBuilder();
            for (int i = window.documentStarts()[d]; i < window.documentEnd(d); i++) {
                int id = window.ids()[i];
                text.append(id == FakeTokenizer.BOS ? '<' : id == FakeTokenizer.END ? '>' : (char) id);
            }
            documents.add(text.toString());
        }
        return documents;
    }

    @Test
    void documentsArePackedEndToEndAndContinueWithOneTokenOfContext() {
        RecordSet<TextRecord> rows =
                records(TextRecord.class, List.of(new TextRecord("123"), new TextRecord("45678"), new TextRecord("9")));

        CachedExamples<TokenizedWindow> windows = cache(true).windows(rows, TokenizingOptions.of(9));

        assertThat(windows.size()).isEqualTo(3);
        assertThat(documents(windows.get(0))).containsExactly("< 123>", "< 4");
        assertThat(documents(windows.get(1))).containsExactly("45678>", "< 9");
        assertThat(documents(windows.get(2))).containsExactly("9>");
        assertThat(windows.sourceRow(1)).isEqualTo(1);
        assertThat(windows.report().targets()).isEqualTo(5 + 7 + 3); // each token but BOS once
    }

    @Test
    void everyTokenButTheFirstOfADocumentIsATargetOnceWhateverTheWindow() {
        List<TextRecord> texts = new ArrayList<>();
        for (int i = 1; i < 40; i++) {
            texts.add(new TextRecord("x".repeat(i * 7 % 23 + 1)));
        }
        RecordSet<TextRecord> rows = records(TextRecord.class, texts);
        long expected =
                texts.stream().mapToLong(text -> text.text().length() + 2).sum();

        for (int length = 2; length < 60; length++) {
            CachedExamples<TokenizedWindow> windows = cache(true).windows(rows, TokenizingOptions.of(length));
            long targets = 0;
            for (long i = 0; i < windows.size(); i++) {
                assertThat(windows.get(i).ids()).hasSizeLessThanOrEqualTo(length);
                targets += windows.get(i).ids().length - windows.get(i).documents();
            }
            assertThat(targets).as("windows of %d", length).isEqualTo(expected);
        }
    }

    // The cache

    private List<FileTime> times() throws IOException {
        List<FileTime> times = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            for (Path path : files.sorted().toList()) {
                times.add(Files.getLastModifiedTime(path));
            }
        }
        return times;
    }

    @Test
    void examplesAreFoundAgainWithTheirReport() throws IOException {
        PreferencePair pair = new PreferencePair("xa", "bc", "dc");
        CachedExamples<TokenizedPair> made = pairs(OPTIONS, pair);
        List<FileTime> before = times();
        CachedExamples<TokenizedPair> found = pairs(OPTIONS, pair);

        assertThat(times()).isEqualTo(before).hasSize(4);
        assertThat(found.report()).isEqualTo(made.report());
        assertThat(found.get(0).chosenIds()).isEqualTo(made.get(0).chosenIds());
    }

    @Test
    void otherRowsOptionsOrTokenizersAreOtherEntries() throws IOException {
        PreferencePair pair = new PreferencePair("x", "b", "d");
        pairs(OPTIONS, pair);
        pairs(TokenizingOptions.of(99), pair);
        pairs(OPTIONS, new PreferencePair("x", "b", "e"));
        cache(false).pairs(records(PreferencePair.class, List.of(pair)), OPTIONS);

        assertThat(times()).hasSize(4 * 4);
    }

    @Test
    void aDamagedEntryIsMadeAnew() throws IOException {
        PreferencePair pair = new PreferencePair("x", "b", "d");
        pairs(OPTIONS, pair);
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            Path tokens = files.filter(path -> path.toString().endsWith(".tokens"))
                    .findFirst()
                    .orElseThrow();
            Files.write(tokens, new byte[7]);
        }

        assertThat(pairs(OPTIONS, pair).get(0).rejectedIds()).isEqualTo(ids("d>"));
    }

    @Test
    void manyRowsComeBackInOrder() {
        List<PromptCompletion> rows = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            rows.add(new PromptCompletion("question " + i, " answer " + i));
        }
        CachedExamples<TokenizedSequence> examples =
                cache(true).sequences(records(PromptCompletion.class, rows), TokenizingOptions.of(1000));

        assertThat(examples.size()).isEqualTo(5000);
        assertThat(examples.get(4321).ids()).isEqualTo(ids("< question 4321 answer 4321>"));
        assertThatThrownBy(() -> examples.get(5000)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void whatIsNotForSftIsRefused() {
        RecordSet<DataRecord> prompts =
                datasets().open(file(folder, "p.jsonl", "{\"prompt\": \"x\"}"), List.of(RecordKind.PROMPT), 1);

        assertThatThrownBy(() -> cache(true).sequences(prompts, OPTIONS)).isInstanceOf(IllegalArgumentException.class);
    }

    // Digests and counts

    @Test
    void aFlippedBitAnywhereInAnEntryIsFoundAndTheEntryIsMadeAgain() throws IOException {
        RecordSet<PromptCompletion> rows = records(
                PromptCompletion.class, List.of(new PromptCompletion("why", "so"), new PromptCompletion("who", "he")));
        CachedExamples<TokenizedSequence> first = cache(true).sequences(rows, OPTIONS);
        List<Path> files;
        try (Stream<Path> all = Files.list(folder.resolve("cache"))) {
            files = all.sorted().toList();
        }
        assertThat(first.warning()).isEmpty();
        assertThat(files).hasSize(4);
        for (Path file : files) {
            byte[] sound = Files.readAllBytes(file);
            for (int at = 0; at < sound.length; at += Math.max(1, sound.length / 7)) {
                byte[] damaged = sound.clone();
                damaged[at] ^= 1;
                Files.write(file, damaged);

                CachedExamples<TokenizedSequence> again = cache(true).sequences(rows, OPTIONS);

                assertThat(again.warning())
                        .as("%s, byte %d", file, at)
                        .hasValueSatisfying(line -> assertThat(line).contains("token cache", "was damaged"));
                assertThat(again.get(1).ids()).isEqualTo(first.get(1).ids());
                assertThat(again.report()).isEqualTo(first.report());
                assertThat(cache(true).sequences(rows, OPTIONS).warning()).isEmpty();
            }
        }
    }

    @Test
    void aFolderInThePlaceOfAFileOfAnEntryIsNoObstacle() throws IOException {
        PreferencePair pair = new PreferencePair("x", "b", "d");
        pairs(OPTIONS, pair);
        List<Path> files;
        try (Stream<Path> all = Files.list(folder.resolve("cache"))) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            Files.delete(file);
            Files.createDirectory(file);

            assertThat(pairs(OPTIONS, pair).get(0).rejectedIds()).isEqualTo(ids("d>"));
            assertThat(file).isRegularFile();
        }
    }

    @Test
    void countsWhatIsTrainedAndWhatEnds() {
        TokenizedSequence cut = demonstrations(
                        TokenizingOptions.of(6).withTruncationMode(TruncationMode.KEEP_START),
                        new PromptCompletion("why", "so"),
                        new PromptCompletion("a", "b"))
                .get(0);
        TokenizationReport report = demonstrations(
                        TokenizingOptions.of(6).withTruncationMode(TruncationMode.KEEP_START),
                        new PromptCompletion("why", "so"),
                        new PromptCompletion("a", "b"))
                .report();

        assertThat(targets(cut)).isEqualTo(".....x"); // "< whys", cut before "o>"
        assertThat(report.sequences()).isEqualTo(2);
        assertThat(report.ended()).isEqualTo(1);
        assertThat(report.summary())
                .hasValue("2 rows, 1 cut, 0 left out; 30.0 % of 10 tokens are trained; 1 of 2 sequences end with a"
                        + " trained end token");
    }

    @Test
    void aDatasetWithNothingToLearnIsAnError() {
        List<ChatMessage> question = List.of(new ChatMessage("user", "why"), new ChatMessage("user", "so"));
        TokenizingOptions assistantOnly =
                new TokenizingOptions(100, TruncationMode.PROMPT_LEFT, false, true, true, ChatTemplateUse.OFF);

        assertThatThrownBy(() -> cache(true)
                        .sequences(records(Conversation.class, List.of(new Conversation(question))), assistantOnly))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("nothing would be learnt from dataset")
                .hasMessageContaining("1 of 1 rows have no token to learn");
    }

    @Test
    void countsTheRowsWhosePromptIsInAnotherSetToo() {
        CachedExamples<TokenizedSequence> train =
                demonstrations(OPTIONS, new PromptCompletion("why", "so"), new PromptCompletion("who", "he"));
        CachedExamples<TokenizedSequence> eval = demonstrations(
                OPTIONS,
                new PromptCompletion("who", "she"),
                new PromptCompletion("what", "he"),
                new PromptCompletion("who", "me"));

        assertThat(eval.rowsAlsoIn(train)).isEqualTo(2);
        assertThat(train.rowsAlsoIn(eval)).isEqualTo(1);
    }
}
