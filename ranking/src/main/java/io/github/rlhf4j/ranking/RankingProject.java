package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of items and of what people said of them.
 *
 * <pre>
 *   project.json   settings
 *   items.jsonl    prompts with their answers; grows
 *   answers.jsonl  what people said, took back and skipped, in the order in which it came; grows
 * </pre>
 *
 * <p>An answer is on the disk when {@link #answer} returns. What a person is shown next follows from these files alone, so a process that was killed continues where it was. One process at a time. Safe for several threads.
 */
public final class RankingProject implements AutoCloseable {
    private static final String SETTINGS = "project.json";
    private static final String UNDO = "undone";

    private final Path folder;
    private final RankingSettings settings;
    private final Clock clock;
    private final FileChannel lockFile;
    private final AppendLog itemLog;
    private final AppendLog answerLog;
    private final Schedule schedule;
    private final Map<String, RankItem> items = new LinkedHashMap<>();
    private final Map<String, List<Answer>> people = new LinkedHashMap<>();
    private final Map<String, Answer> takenBack = new LinkedHashMap<>();

    private RankingProject(Path folder, RankingSettings settings, Clock clock, FileChannel lockFile) {
        this.folder = folder;
        this.settings = settings;
        this.clock = clock;
        this.lockFile = lockFile;
        this.schedule = new Schedule(settings.seed(), settings.repeats());
        this.itemLog = AppendLog.open(folder.resolve("items.jsonl"));
        this.answerLog = AppendLog.open(folder.resolve("answers.jsonl"));
        try {
            itemLog.linesAtOpening().forEach(this::replayItem);
            answerLog.linesAtOpening().forEach(this::replay);
        } catch (RuntimeException e) {
            itemLog.close();
            answerLog.close();
            throw e;
        }
    }

    /** Whether a folder is one. */
    public static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve(SETTINGS));
    }

    /**
     * Begins one.
     *
     * @throws UserError where the folder is one already
     */
    public static RankingProject create(Path folder, RankingSettings settings, Clock clock) {
        if (isOne(folder)) {
            throw new UserError(folder + " exists already; choose another name");
        }
        AtomicFiles.writeString(folder.resolve(SETTINGS), settings.write().toPrettyString() + "\n");
        return open(folder, clock);
    }

    /**
     * Opens one.
     *
     * @throws UserError where the folder is none, is damaged or is open in another process
     */
    public static RankingProject open(Path folder, Clock clock) {
        if (!isOne(folder)) {
            throw new UserError(folder + " has no " + SETTINGS + ", so is no folder of rankings");
        }
        RankingSettings settings = settings(folder);
        try {
            FileChannel channel =
                    FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                lock(folder, channel);
                return new RankingProject(folder, settings, clock, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UserError(folder + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** The settings of one, without opening it. */
    public static RankingSettings settings(Path folder) {
        try {
            Path file = folder.resolve(SETTINGS);
            if (AppendLog.MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return RankingSettings.read(new StoredJson(file.toString(), object));
            }
            throw new UserError(file + " must be a JSON object, but is none");
        } catch (JsonProcessingException e) {
            throw new UserError(folder.resolve(SETTINGS) + " is no JSON: " + e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw new UserError(folder.resolve(SETTINGS) + " is no JSON in UTF-8", e);
        } catch (IOException e) {
            throw new UserError(folder.resolve(SETTINGS) + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void lock(Path folder, FileChannel channel) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw new UserError(folder + " is open already in this program", e);
        }
        if (lock == null) {
            throw new UserError(folder + " is open in another process; end that one first");
        }
    }

    /** Where it is. */
    public Path folder() {
        return folder;
    }

    /** How people are asked. */
    public RankingSettings settings() {
        return settings;
    }

    /** Its items, in their order. */
    public synchronized List<RankItem> items() {
        return List.copyOf(items.values());
    }

    /**
     * Adds an item, which is on the disk when this returns.
     *
     * @param candidates two for a pair, two or more for a ranking, at most one for a demonstration
     * @throws UserError where there are too few or too many
     */
    public synchronized RankItem add(Content prompt, List<Candidate> candidates, RowTags tags) {
        int count = candidates.size();
        if (!fits(count)) {
            throw new UserError("an item of mode " + settings.mode().text() + " must have "
                    + (settings.mode() == Mode.RANK
                            ? "two or more answers"
                            : settings.mode() == Mode.PAIR ? "two answers" : "one answer or none")
                    + ", but has " + count);
        }
        RankItem item = new RankItem(String.valueOf(items.size() + 1), prompt, candidates, tags);
        itemLog.append(List.of(item.write()));
        put(item);
        return item;
    }

    private boolean fits(int count) {
        return switch (settings.mode()) {
            case RANK -> count >= 2;
            case PAIR -> count == 2;
            case DEMONSTRATE -> count <= 1;
        };
    }

    private void put(RankItem item) {
        items.put(item.id(), item);
    }

    private void replayItem(StoredJson line) {
        RankItem item = RankItem.read(line);
        if (items.containsKey(item.id())) {
            throw line.wrong("id", "another one than that of the lines before");
        }
        if (!fits(item.candidates().size())) {
            throw line.wrong("responses", "as many as mode " + settings.mode().text() + " asks for");
        }
        put(item);
    }

    private void replay(StoredJson line) {
        String event = line.text("event");
        String person = line.name("person");
        List<Answer> given = people.computeIfAbsent(person, name -> new ArrayList<>());
        if (event.equals("joined")) {
            return;
        }
        if (event.equals(UNDO)) {
            if (!given.isEmpty()) {
                takenBack.put(person, given.remove(given.size() - 1));
            }
            return;
        }
        Answer answer = Answer.read(line);
        RankItem item = items.get(answer.item());
        if (item == null) {
            throw line.wrong("item", "one that items.jsonl has");
        }
        if (!answer.fits(item.candidates().size())) {
            throw line.wrong("order", "a place for each of the item's answers, and ranks must be a rank >= 1 for each");
        }
        given.add(answer);
        takenBack.remove(person);
    }

    /**
     * A person begins or comes back.
     *
     * @param name as given; blanks around it and double ones are dropped
     * @return the name by which the person is known
     * @throws UserError where it is empty, too long or has control characters
     */
    public synchronized String join(String name) {
        String known = name.strip().replaceAll("\\s+", " ");
        if (known.isEmpty() || known.length() > 60 || known.chars().anyMatch(Character::isISOControl)) {
            throw new UserError("a name must have 1 to 60 characters, none of them a control character");
        }
        if (!people.containsKey(known)) {
            answerLog.append(List.of(event("joined", known)));
            people.put(known, new ArrayList<>());
        }
        return known;
    }

    private ObjectNode event(String name, String person) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("event", name)
                .put("person", person)
                .put("at", now());
    }

    private String now() {
        return Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The people who have joined, in the order in which they did. */
    public synchronized List<String> people() {
        return List.copyOf(people.keySet());
    }

    /** What a person has said, in order, without what was taken back. */
    public synchronized List<Answer> answers(String person) {
        return List.copyOf(given(person));
    }

    /** Of all people. */
    public synchronized List<Answer> answers() {
        return people.values().stream().flatMap(List::stream).toList();
    }

    private List<Answer> given(String person) {
        List<Answer> given = people.get(person);
        if (given == null) {
            throw new UserError("nobody is called " + person + " here; give your name first");
        }
        return given;
    }

    /** What a person is shown now; empty when all is done. */
    public synchronized Optional<Showing> next(String person) {
        List<Answer> given = given(person);
        @Nullable Answer undone = takenBack.get(person);
        if (undone != null) {
            RankItem item = items.get(undone.item());
            return item == null
                    ? Optional.empty()
                    : Optional.of(
                            new Showing(given.size(), item, undone.order(), undone.isRepeat(), Optional.of(undone)));
        }
        return schedule.next(person, List.copyOf(items.values()), given, isWanted())
                .map(next -> new Showing(
                        given.size(),
                        next.item(),
                        schedule.order(person, next.item(), next.isRepeat()),
                        next.isRepeat(),
                        Optional.empty()));
    }

    /** Whether more people are asked about an item. */
    private Predicate<RankItem> isWanted() {
        if (settings.peoplePerItem() == 0) {
            return item -> true;
        }
        Map<String, Integer> asked = new HashMap<>(); // people by item, looked up only
        people.values()
                .forEach(given -> given.stream()
                        .filter(answer -> answer.kind() != Answer.Kind.SKIPPED)
                        .map(Answer::item)
                        .distinct()
                        .forEach(item -> asked.merge(item, 1, Integer::sum)));
        return item -> asked.getOrDefault(item.id(), 0) < settings.peoplePerItem();
    }

    /**
     * Takes a ranking of what {@link #next} showed.
     *
     * @param number that of the showing
     * @param placedRanks a rank for each place of the showing, 1 is the best, equal ones are ties
     * @throws StaleAnswer where another showing is due, for example since the answer was given in another window
     */
    public Answer rank(String person, int number, List<Integer> placedRanks, double seconds) {
        return answer(person, number, Answer.Kind.RANKED, placedRanks, "", seconds);
    }

    /** As {@link #rank}, of a text that the person has written. */
    public Answer write(String person, int number, String text, double seconds) {
        return answer(person, number, Answer.Kind.WRITTEN, List.of(), text, seconds);
    }

    /** As {@link #rank}, without an answer; the item does not come again. */
    public Answer skip(String person, int number, double seconds) {
        return answer(person, number, Answer.Kind.SKIPPED, List.of(), "", seconds);
    }

    private synchronized Answer answer(
            String person, int number, Answer.Kind kind, List<Integer> placedRanks, String text, double seconds) {
        List<Answer> given = given(person);
        if (number == given.size() - 1) { // the page asks again, since it did not hear that all went well
            Answer last = given.get(number);
            Answer again = answer(
                    person, number, last.item(), last.isRepeat(), last.order(), kind, placedRanks, text, seconds);
            if (again.saysTheSame(last)) {
                return last;
            }
        }
        Optional<Showing> due = next(person);
        if (due.isEmpty() || due.get().number() != number) {
            throw new StaleAnswer(number, due.map(Showing::number));
        }
        Showing showing = due.get();
        Answer answer = answer(
                person,
                number,
                showing.item().id(),
                showing.isRepeat(),
                showing.order(),
                kind,
                placedRanks,
                text,
                seconds);
        answerLog.append(List.of(answer.write()));
        given.add(answer);
        takenBack.remove(person);
        return answer;
    }

    private Answer answer(
            String person,
            int number,
            String item,
            boolean isRepeat,
            List<Integer> order,
            Answer.Kind kind,
            List<Integer> placedRanks,
            String text,
            double seconds) {
        if (kind == Answer.Kind.WRITTEN && (settings.mode() != Mode.DEMONSTRATE || text.isBlank())) {
            throw new UserError(
                    settings.mode() == Mode.DEMONSTRATE
                            ? "an answer must have a character that is not blank"
                            : "here answers are ranked, not written");
        }
        if (kind == Answer.Kind.RANKED && settings.mode() == Mode.DEMONSTRATE) {
            throw new UserError("here answers are written, not ranked");
        }
        List<Integer> ranks = kind == Answer.Kind.RANKED ? byItem(order, placedRanks) : List.of();
        double time = Double.isFinite(seconds) && seconds > 0 ? seconds : 0;
        return new Answer(person, number, item, isRepeat, order, kind, ranks, text, time, now());
    }

    /** Ranks by the item's own order, without gaps: 1, 1, 2 and not 1, 1, 3. */
    private static List<Integer> byItem(List<Integer> order, List<Integer> placed) {
        if (placed.size() != order.size() || placed.stream().anyMatch(rank -> rank < 1)) {
            throw new UserError(
                    "ranks must be " + order.size() + " whole numbers >= 1, one for each answer, but are " + placed);
        }
        List<Integer> levels = List.copyOf(new TreeSet<>(placed));
        List<Integer> ranks = new ArrayList<>(Collections.nCopies(order.size(), 0));
        IntStream.range(0, order.size())
                .forEach(place -> ranks.set(order.get(place), levels.indexOf(placed.get(place)) + 1));
        return ranks;
    }

    /**
     * Adds an item together with a person's ranking of it, such as a vote that was taken elsewhere; other people may be shown the item later.
     *
     * @param order index of the answer that was placed first, second, ...
     * @param placedRanks a rank for each place
     */
    public synchronized Answer addRanked(
            Content prompt,
            List<Candidate> candidates,
            RowTags tags,
            String name,
            List<Integer> order,
            List<Integer> placedRanks) {
        String person = join(name);
        RankItem item = add(prompt, candidates, tags);
        Answer answer =
                answer(person, given(person).size(), item.id(), false, order, Answer.Kind.RANKED, placedRanks, "", 0);
        answerLog.append(List.of(answer.write()));
        given(person).add(answer);
        takenBack.remove(person);
        return answer;
    }

    /**
     * Takes back a person's last answer; it is shown again, as it was.
     *
     * @throws UserError where there is none
     */
    public synchronized Answer undo(String person) {
        List<Answer> given = given(person);
        if (given.isEmpty()) {
            throw new UserError("there is no answer to take back");
        }
        Answer last = given.get(given.size() - 1);
        answerLog.append(
                List.of(event(UNDO, person).put("number", last.number()).put("item", last.item())));
        given.remove(given.size() - 1);
        takenBack.put(person, last);
        return last;
    }

    /**
     * How far a person is.
     *
     * @param done answers, skipped ones and repeats included
     * @param left items that are still to be shown, without repeats that follow from them
     */
    public record Progress(int done, int left) {}

    /** How far a person is. */
    public synchronized Progress progress(String person) {
        List<Answer> given = given(person);
        Set<String> seen = given.stream().map(Answer::item).collect(Collectors.toSet());
        long left = items.values().stream()
                .filter(isWanted().and(item -> !seen.contains(item.id())))
                .count();
        return new Progress(given.size(), (int) left);
    }

    @Override
    public synchronized void close() {
        itemLog.close();
        answerLog.close();
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UserError(folder + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
