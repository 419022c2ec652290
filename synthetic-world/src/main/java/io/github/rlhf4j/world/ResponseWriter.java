package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Writes answers of every {@link CandidateKind} to a task. */
final class ResponseWriter {
    private static final double INVENTED_WHEN_UNANSWERABLE = 0.55;
    private static final int MOST_REPEATED_WORDS = 24;
    private static final int ENDLESS_SENTENCES = 4;

    private final FactBook book;
    private final Exercises exercises;

    private static final Set<CandidateKind> PADDED_TOO = EnumSet.of(
            CandidateKind.WRONG_FORM,
            CandidateKind.MISCOPIED,
            CandidateKind.INVENTED,
            CandidateKind.CONFUSED,
            CandidateKind.OFF_TOPIC,
            CandidateKind.ADMISSION,
            CandidateKind.REFUSAL);
    private static final double PADDED_WHEN_WRONG = 0.375; // a right answer is padded in 2.4 / (4 + 2.4) of the cases

    ResponseWriter(FactBook book, Exercises exercises) {
        this.book = book;
        this.exercises = exercises;
    }

    /** A person's answer: mostly good, but people pad, overlook the form, and answer what they cannot know. */
    String demonstration(Task task, Draw draw) {
        if (task.unanswerable() && draw.chance(INVENTED_WHEN_UNANSWERABLE)) {
            return invented(task, draw);
        }
        return write(task, CandidateKind.drawDemonstration(draw), draw);
    }

    String write(Task task, CandidateKind kind, Draw draw) {
        return switch (kind) {
            case GOOD -> task.ideal(draw);
            case VERBOSE -> verbose(task, draw);
            case WRONG_FORM -> wrongForm(task, draw);
            case MISCOPIED -> miscopied(task, draw);
            case INVENTED -> invented(task, draw);
            case CONFUSED -> otherTask(task, task.useCase(), draw).ideal(draw);
            case OFF_TOPIC ->
                otherTask(task, otherUseCase(task.useCase(), draw), draw).ideal(draw);
            case ADMISSION -> draw.pick(Lexicon.ADMISSIONS.get(0));
            case REFUSAL -> draw.pick(Lexicon.REFUSALS);
            case TRUNCATED -> truncated(task.ideal(draw), draw);
            case REPETITIVE -> repetitive(task.ideal(draw), draw);
            case ENDLESS -> endless(task, draw);
            case EMPTY -> ".";
            case GIBBERISH -> gibberish(draw);
        };
    }

    /**
     * A response to be ranked. Wrong answers are padded as often as right ones, so that padding says nothing about what it surrounds.
     */
    String candidate(Task task, CandidateKind kind, Draw draw) {
        String text = write(task, kind, draw);
        return PADDED_TOO.contains(kind) && draw.chance(PADDED_WHEN_WRONG) ? padded(text, draw) : text;
    }

    private static String verbose(Task task, Draw draw) {
        return padded(task.ideal(draw), draw);
    }

    private static String padded(String answer, Draw draw) {
        String padding = draw.pick(Lexicon.PADDING);
        return switch (draw.below(5)) {
            case 0, 1 -> padding + " " + answer;
            case 2, 3 -> answer + " " + padding;
            default -> padding + " " + answer + " " + draw.pick(Lexicon.PADDING);
        };
    }

    /** The answer in a form that was not asked for. */
    private String wrongForm(Task task, Draw draw) {
        Expectation expectation = task.expectation();
        if (expectation instanceof Expectation.Items items) {
            int number = items.number() == 4 ? 2 : items.number() + 1;
            return new Expectation.Items(items.category(), number, items.excluded()).ideal(Form.PLAIN, draw);
        }
        if (expectation instanceof Expectation.YesNo) {
            return "Yes and no.";
        }
        if (task.form() == Form.PLAIN || expectation instanceof Expectation.Phrase) {
            String text = task.ideal(draw);
            return text.equals(text.toUpperCase(Locale.ROOT)) ? sentenceCase(text) : text.toUpperCase(Locale.ROOT);
        }
        Form other = task.form() == Form.ONE_SENTENCE ? Form.TWO_SENTENCES : Form.PLAIN;
        return task.form() == Form.TWO_SENTENCES
                ? expectation.ideal(Form.ONE_SENTENCE, draw)
                : expectation.ideal(other, draw);
    }

    private static String sentenceCase(String text) {
        return text.substring(0, 1) + text.substring(1).toLowerCase(Locale.ROOT);
    }

    /** The model answer with one syllable of a name of the prompt replaced. */
    private String miscopied(Task task, Draw draw) {
        String ideal = task.ideal(draw);
        String name = lastName(task);
        String other = book.character(draw);
        int half = Math.min(2, other.length());
        String wrong = name.length() < 4
                ? other
                : draw.chance(0.5)
                        ? other.substring(0, half) + name.substring(2)
                        : name.substring(0, 2) + other.substring(other.length() - half) + name.substring(4);
        String text = ideal.replace(name, wrong).replace(name.toUpperCase(Locale.ROOT), wrong.toUpperCase(Locale.ROOT));
        return name.isEmpty() || text.equals(ideal) ? invented(task, draw) : text;
    }

    /** Something false in the right form. */
    private String invented(Task task, Draw draw) {
        Expectation expectation = task.expectation();
        if (expectation instanceof Expectation.Knowledge knowledge) {
            Fact claim = claim(task, knowledge, draw);
            List<Fact> lie = List.of(book.falseFact(claim, draw));
            return new Expectation.Knowledge(knowledge.asked(), lie, 1, false).ideal(task.form(), draw);
        }
        if (expectation instanceof Expectation.YesNo yesNo) {
            return (yesNo.known() ? !yesNo.truth() : draw.chance(0.5)) ? "Yes." : "No.";
        }
        return otherTask(task, task.useCase(), draw).ideal(draw);
    }

    /** The fact to be falsified: a true one, or any about a name of the prompt. */
    private Fact claim(Task task, Expectation.Knowledge knowledge, Draw draw) {
        if (!knowledge.truths().isEmpty()) {
            return draw.pick(knowledge.truths());
        }
        String subject = lastName(task);
        List<Relation> relations = knowledge.asked().isEmpty() ? Relation.of(true) : knowledge.asked();
        Relation relation = draw.pick(relations);
        return new Fact(subject, relation, book.value(relation, draw));
    }

    /** The last capitalised word of the prompt before its form: the subject of every question. */
    private static String lastName(Task task) {
        String prompt = task.prompt();
        String body =
                prompt.substring(0, prompt.length() - Form.of(prompt).suffix().length());
        String name = "";
        for (String word : body.split("[^\\p{L}]+", -1)) {
            if (!word.isEmpty() && Character.isUpperCase(word.charAt(0))) {
                name = word;
            }
        }
        return name;
    }

    private Task otherTask(Task task, UseCase useCase, Draw draw) {
        while (true) {
            Task other = exercises.read(exercises.draw(useCase, draw)).orElseThrow();
            if (!other.prompt().equals(task.prompt())) {
                return other;
            }
        }
    }

    private static UseCase otherUseCase(UseCase useCase, Draw draw) {
        while (true) {
            UseCase other = draw.pick(UseCase.values());
            if (other != useCase) {
                return other;
            }
        }
    }

    private static String repetitive(String text, Draw draw) {
        int most = Math.max(
                2, MOST_REPEATED_WORDS / Math.max(1, Lexicon.split(text).size()));
        return (text + " ").repeat(Math.min(most, 2 + draw.below(4))).strip();
    }

    private static String truncated(String text, Draw draw) {
        int end = text.length() * (3 + draw.below(5)) / 10;
        return text.substring(0, Math.max(1, end)).strip();
    }

    private String endless(Task task, Draw draw) {
        StringBuilder text = new StringBuilder(task.ideal(draw));
        for (int i = 0; i < ENDLESS_SENTENCES; i++) {
            text.append(' ').append(otherTask(task, UseCase.draw(draw), draw).ideal(draw));
        }
        return text.substring(0, text.length() - 2 - draw.below(8)).strip();
    }

    private static String gibberish(Draw draw) {
        List<String> words = new ArrayList<>();
        int count = 3 + draw.below(6);
        while (words.size() < count) {
            StringBuilder word = new StringBuilder();
            int letters = 2 + draw.below(6);
            for (int i = 0; i < letters; i++) {
                word.append((char) ('a' + draw.below(26)));
            }
            words.add(word.toString());
        }
        return String.join(" ", words) + (draw.chance(0.5) ? "." : "");
    }
}
