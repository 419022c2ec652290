package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A small synthetic world: facts about people and places, texts about them, prompts with answers by people, rankings by simulated labelers, and the
 * hidden utility behind them.
 *
 * <p>Record i of a part is a pure function of (seed, size of the world, part, i), so nothing is stored; the exceptions are {@link Part#EVAL_PROMPTS}, whose
 * prompts are drawn once so that all differ, and the texts of the corpus, which {@link Part#PRETRAIN_EVAL} does not repeat. Prompts end in a line feed, where the answer begins. Safe for use by several threads.
 */
public final class World {
    private static final int LEAST_RESPONSES = 4;
    private static final int MOST_RESPONSES = 9;
    private static final int TRAINING_LABELERS = 8;
    private static final int HELD_OUT_LABELERS = 4;
    private static final int ATTEMPTS = 100_000;
    private static final int ATTEMPTS_TO_DIFFER = 400;

    private final WorldSize size;
    private final CounterRandom random;
    private final Exercises exercises;
    private final ResponseWriter responses;
    private final Corpus corpus;
    private final HiddenUtility utility;
    private final List<Labeler> trainingLabelers;
    private final List<Labeler> heldOutLabelers;
    private final List<String> evaluationPrompts;
    private final Set<String> corpusTexts = new HashSet<>();

    public World(long seed, WorldSize size) {
        this.size = size;
        random = CounterRandom.of(seed).derive("world");
        FactBook book = new FactBook(seed, size.people(), size.places());
        exercises = new Exercises(book);
        responses = new ResponseWriter(book, exercises);
        CounterRandom buckets = random;
        corpus = new Corpus(book, question -> Part.Split.isHeldOut(bucket(buckets, UseCase.OPEN_QA, question)));
        utility = new HiddenUtility(book, exercises);
        trainingLabelers = labelers("labeler", TRAINING_LABELERS, false);
        heldOutLabelers = labelers("held-out labeler", HELD_OUT_LABELERS, true);
        evaluationPrompts = differentPrompts(size.evaluations());
    }

    private List<Labeler> labelers(String name, int count, boolean heldOut) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Labeler(random.derive(name).derive(i), heldOut))
                .toList();
    }

    private List<String> differentPrompts(int count) {
        Set<String> taken = new HashSet<>();
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String prompt = prompt(Part.Split.EVAL_PROMPTS, i, 0);
            for (int salt = 1; taken.contains(prompt) && salt < ATTEMPTS_TO_DIFFER; salt++) {
                prompt = prompt(Part.Split.EVAL_PROMPTS, i, salt);
            }
            if (!taken.add(prompt)) {
                throw new IllegalArgumentException(
                        "a world of this size has no " + count + " different held-out prompts");
            }
            prompts.add(prompt);
        }
        return List.copyOf(prompts);
    }

    /** The judge that knows the truth. */
    public HiddenUtility utility() {
        return utility;
    }

    /** How many records {@code part} has. */
    public long size(Part part) {
        return switch (part) {
            case PRETRAIN -> size.documents();
            case DEMONSTRATIONS -> size.demonstrations();
            case RANKINGS, PREFERENCES -> size.rankings();
            case PROMPTS -> size.prompts();
            default -> size.evaluations();
        };
    }

    /**
     * Record {@code i} of {@code part}.
     *
     * @param i 0 .. size(part) - 1
     */
    public DataRecord get(Part part, long i) {
        if (i < 0 || i >= size(part)) {
            throw new IndexOutOfBoundsException("record " + i + " of " + part.partName() + ", which has " + size(part));
        }
        return switch (part) {
            case PRETRAIN, PRETRAIN_EVAL -> document(part, i);
            case DEMONSTRATIONS, DEMONSTRATIONS_EVAL -> demonstration(part, i);
            case PROMPTS, EVAL_PROMPTS -> {
                String prompt = prompt(part.split(), i);
                yield new Prompt(Content.of(prompt + "\n"), tags(part, i, task(prompt)));
            }
            case RANKINGS, RANKINGS_EVAL, RANKINGS_HELDOUT_LABELERS -> {
                Candidates candidates = candidates(part.split(), i);
                yield ranking(candidates, noisyRanks(part, i, candidates), tags(part, i, candidates.task()));
            }
            case RANKINGS_EVAL_TRUE, RANKINGS_HELDOUT_LABELERS_TRUE -> {
                Candidates candidates = candidates(part.split(), i);
                yield ranking(candidates, trueRanks(candidates), tags(part, i, candidates.task()));
            }
            case PREFERENCES, PREFERENCES_EVAL -> preference(part, i);
        };
    }

    /** All records of {@code part} in order. */
    public Stream<DataRecord> stream(Part part) {
        return LongStream.range(0, size(part)).mapToObj(i -> get(part, i));
    }

    /** Writes {@code part} as JSONL, which the dataset readers open again; an existing file is replaced. */
    public void write(Part part, Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (long i = 0; i < size(part); i++) {
                writer.write(RecordJson.toLine(get(part, i)));
                writer.write('\n');
            }
        }
    }

    private TextRecord document(Part part, long i) {
        CounterRandom own = random.derive(part.name()).derive(i);
        TextRecord text = document(part, i, new Draw(own));
        if (part == Part.PRETRAIN_EVAL) {
            Set<String> trained = corpusTexts();
            for (int salt = 1; trained.contains(text.text()) && salt < ATTEMPTS_TO_DIFFER; salt++) {
                text = document(part, i, new Draw(own.derive(salt)));
            }
        }
        return text;
    }

    private TextRecord document(Part part, long i, Draw draw) {
        Language language = Language.draw(draw);
        Domain domain = Corpus.available(language, Domain.draw(draw));
        return new TextRecord(
                corpus.document(language, domain, draw),
                new RowTags(
                        part.partName() + "-" + i,
                        domain.name().toLowerCase(Locale.ROOT) + "/"
                                + language.name().toLowerCase(Locale.ROOT)));
    }

    /** All texts of the corpus, which held-out documents differ from. */
    private synchronized Set<String> corpusTexts() {
        if (corpusTexts.isEmpty()) {
            for (long i = 0; i < size.documents(); i++) {
                corpusTexts.add(document(Part.PRETRAIN, i).text());
            }
        }
        return corpusTexts;
    }

    private static RowTags tags(Part part, long i, Task task) {
        return new RowTags(part.partName() + "-" + i, task.useCase().label());
    }

    private PromptCompletion demonstration(Part part, long i) {
        Task task = task(prompt(part.split(), i));
        Draw draw = new Draw(random.derive(part.name()).derive("answer").derive(i));
        return new PromptCompletion(
                Content.of(task.prompt() + "\n"), Content.of(responses.demonstration(task, draw)), tags(part, i, task));
    }

    private String prompt(Part.Split split, long i) {
        return split == Part.Split.EVAL_PROMPTS ? evaluationPrompts.get((int) i) : prompt(split, i, 0);
    }

    /** The first drawn prompt whose hash belongs to {@code split}; another one for another {@code salt}. */
    private String prompt(Part.Split split, long i, int salt) {
        CounterRandom own = random.derive("prompt").derive(split.name()).derive(i);
        UseCase useCase = UseCase.draw(new Draw(own));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Draw draw = new Draw(own.derive(salt).derive(attempt));
            String prompt = exercises.draw(useCase, draw);
            if (split.owns(bucket(random, useCase, prompt))) {
                return prompt;
            }
        }
        throw new IllegalStateException("no prompt of " + useCase.label() + " falls into the split " + split);
    }

    /** What decides the split of a prompt, 0 to 99: of an open question the hash without the form that it asks for, so that it is on one side whatever the form. */
    private static int bucket(CounterRandom random, UseCase useCase, String prompt) {
        String key = useCase == UseCase.OPEN_QA ? Form.stripped(prompt) : prompt;
        return random.derive(key).below(0, 100);
    }

    private Task task(String prompt) {
        return exercises
                .read(prompt)
                .orElseThrow(() -> new IllegalStateException("a prompt of this world is not understood: " + prompt));
    }

    /** A model answer to {@code prompt}, which is one of this world's; one of several by {@code salt}. */
    public String good(String prompt, long salt) {
        return task(prompt).ideal(new Draw(random.derive("model answer").derive(salt)));
    }

    Candidates candidates(Part.Split split, long i) {
        Task task = task(prompt(split, i));
        Draw draw = new Draw(random.derive("candidates").derive(split.name()).derive(i));
        int count = LEAST_RESPONSES + draw.below(MOST_RESPONSES - LEAST_RESPONSES + 1);
        List<String> texts = new ArrayList<>();
        List<CandidateKind> kinds = new ArrayList<>();
        List<UtilityScore> scores = new ArrayList<>();
        while (texts.size() < count) {
            CandidateKind kind = CandidateKind.drawCandidate(draw);
            String text = responses.candidate(task, kind, draw);
            UtilityScore score = utility.utility(task, text);
            boolean last = texts.size() == count - 1;
            boolean allEqual = last && scores.stream().allMatch(other -> equal(other, score));
            if (!texts.contains(text) && !allEqual) {
                texts.add(text);
                kinds.add(kind);
                scores.add(score);
            }
        }
        return new Candidates(task, texts, scores, kinds);
    }

    private static boolean equal(UtilityScore first, UtilityScore second) {
        return Math.abs(first.total() - second.total()) < 1e-9;
    }

    private static Ranking ranking(Candidates candidates, List<Integer> ranks, RowTags tags) {
        return new Ranking(
                Content.of(candidates.task().prompt() + "\n"),
                candidates.responses().stream().map(Content::of).toList(),
                ranks,
                tags);
    }

    private List<Integer> noisyRanks(Part part, long i, Candidates candidates) {
        return ranksBy(labeler(part, i), candidates);
    }

    private Labeler labeler(Part part, long i) {
        List<Labeler> labelers = part.split() == Part.Split.HELDOUT_LABELERS ? heldOutLabelers : trainingLabelers;
        return labelers.get(
                random.derive("assignment").derive(part.split().name()).below(i, labelers.size()));
    }

    /** The ranks that {@code labeler} gives, 1 for the best, without ties. */
    static List<Integer> ranksBy(Labeler labeler, Candidates candidates) {
        double[] perceived = IntStream.range(0, candidates.responses().size())
                .mapToDouble(j -> labeler.perceive(
                        candidates.task().prompt(),
                        candidates.responses().get(j),
                        candidates.utilities().get(j)))
                .toArray();
        List<Integer> order = IntStream.range(0, perceived.length)
                .boxed()
                .sorted(Comparator.comparingDouble(j -> -perceived[j]))
                .toList();
        return IntStream.range(0, perceived.length)
                .mapToObj(j -> order.indexOf(j) + 1)
                .toList();
    }

    private static List<Integer> trueRanks(Candidates candidates) {
        List<UtilityScore> scores = candidates.utilities();
        return scores.stream()
                .map(score -> 1
                        + (int) scores.stream()
                                .filter(other -> other.total() > score.total() && !equal(other, score))
                                .count())
                .toList();
    }

    List<Labeler> trainingLabelers() {
        return trainingLabelers;
    }

    List<Labeler> heldOutLabelers() {
        return heldOutLabelers;
    }

    /** The labeler's best response against another of the same ranking, as UltraFeedback's binarised pairs are made. */
    private PreferencePair preference(Part part, long i) {
        Part source = part == Part.PREFERENCES ? Part.RANKINGS : Part.RANKINGS_EVAL;
        Candidates candidates = candidates(part.split(), i);
        List<Integer> ranks = noisyRanks(source, i, candidates);
        Draw draw = new Draw(random.derive(part.name()).derive(i));
        int better = ranks.indexOf(Collections.min(ranks));
        int worse = (better + 1 + draw.below(ranks.size() - 1)) % ranks.size();
        return new PreferencePair(
                Content.of(candidates.task().prompt() + "\n"),
                Content.of(candidates.responses().get(better)),
                Content.of(candidates.responses().get(worse)),
                tags(part, i, candidates.task()));
    }
}
