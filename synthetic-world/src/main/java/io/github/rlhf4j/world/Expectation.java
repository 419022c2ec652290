package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a right answer says. The set is closed: the exercises of all use cases come down to these five. */
sealed interface Expectation {
    /** Whether the only right answer is to say that one does not know. */
    default boolean unanswerable() {
        return false;
    }

    /** Whether the answer has to be remembered or read as a fact, so that not to know is a possible state. */
    default boolean knowledge() {
        return false;
    }

    String ideal(Form form, Draw draw);

    /** The most words a concise answer has. */
    int budget(Form form);

    /** How much of the answer is right, 0..1, for an answerable prompt. */
    double correct(Reading reading);

    /** Whether it answers with something false that is not a whole sentence. */
    default boolean wrongAnswer(Reading reading) {
        return false;
    }

    /** How well the form is met, 0..1. */
    double form(Reading reading, Form form);

    private static double share(boolean met) {
        return met ? 1 : 0;
    }

    private static double sentenceForm(Reading reading, Form form, int least, int most) {
        double ended = reading.ended() ? 1 : 0.5;
        return switch (form) {
            case ONE_WORD, YES_NO -> share(reading.words().size() == 1);
            case CAPITALS -> ended * share(reading.capitals());
            case ONE_SENTENCE -> ended * share(reading.sentences() == 1);
            case TWO_SENTENCES -> ended * share(reading.sentences() == 2);
            case FRENCH, GERMAN, SPANISH ->
                ended * languageShare(reading, form.language().orElseThrow());
            case PLAIN -> ended * (reading.sentences() >= least && reading.sentences() <= most ? 1 : 0.5);
        };
    }

    private static double languageShare(Reading reading, Language language) {
        long right = reading.statements().stream()
                .filter(statement -> statement.language() == language)
                .count();
        return reading.statements().isEmpty() ? 0 : (double) right / reading.sentences();
    }

    private static String admission(Form form) {
        return switch (form) {
            case ONE_WORD -> Lexicon.ADMISSION_IN_ONE_WORD;
            case CAPITALS -> Lexicon.ADMISSIONS.get(0).get(0).toUpperCase(Locale.ROOT);
            default ->
                Lexicon.ADMISSIONS
                        .get(form.language().orElse(Language.ENGLISH).ordinal())
                        .get(0);
        };
    }

    /**
     * True facts about one subject.
     *
     * @param asked the relation asked for, or empty where any fact will do
     * @param truths the facts that count; none means unanswerable
     * @param sentences how many of them are wanted
     * @param ofText whether the facts stand in the prompt
     */
    record Knowledge(List<Relation> asked, List<Fact> truths, int sentences, boolean ofText) implements Expectation {
        private static final int WORDS_A_SENTENCE = 6;
        private static final Pattern ARTICLES = Pattern.compile("^((the|a|in|on|an|at) )+");
        private static final int BARE_WORDS = 3;

        @Override
        public boolean unanswerable() {
            return truths.isEmpty();
        }

        @Override
        public boolean knowledge() {
            return true;
        }

        @Override
        public String ideal(Form form, Draw draw) {
            if (truths.isEmpty()) {
                return ofText && form == Form.PLAIN ? Lexicon.ADMISSION_ABOUT_A_TEXT : admission(form);
            }
            if (form == Form.ONE_WORD) {
                return truths.get(0).answerWord() + ".";
            }
            Language language = form.language().orElse(Language.ENGLISH);
            List<Fact> left = new ArrayList<>(truths);
            List<String> chosen = new ArrayList<>();
            while (chosen.size() < sentences && !left.isEmpty()) {
                Fact fact = left.remove(draw.below(left.size()));
                chosen.add(asked.isEmpty() ? fact.sentence(language, draw) : fact.sentence(language));
            }
            String text = String.join(" ", chosen);
            return form == Form.CAPITALS ? text.toUpperCase(Locale.ROOT) : text;
        }

        @Override
        public int budget(Form form) {
            return form == Form.ONE_WORD ? 2 : sentences * WORDS_A_SENTENCE;
        }

        @Override
        public double correct(Reading reading) {
            List<Fact> claims = reading.facts();
            long stated = truths.stream()
                    .filter(truth -> claims.stream().anyMatch(truth::same))
                    .count();
            if (stated == 0 && !asked.isEmpty()) {
                stated = reading.substance().stream().anyMatch(this::bareTruth) ? 1 : 0;
            }
            return Math.min(1, (double) stated / sentences);
        }

        @Override
        public boolean wrongAnswer(Reading reading) {
            return !asked.isEmpty()
                    && reading.substance().stream().anyMatch(statement -> bare(statement) && !bareTruth(statement));
        }

        private boolean bare(Statement statement) {
            return statement.kind() == Statement.Kind.OTHER
                    && Lexicon.split(statement.text()).size() <= BARE_WORDS;
        }

        private boolean bareTruth(Statement statement) {
            String words = String.join(" ", Lexicon.split(statement.text()));
            String value = ARTICLES.matcher(words).replaceAll("");
            return bare(statement)
                    && truths.stream().anyMatch(truth -> truth.value().equalsIgnoreCase(value));
        }

        @Override
        public double form(Reading reading, Form form) {
            return sentenceForm(reading, form, sentences, sentences);
        }
    }

    /** Yes or no; {@code known} is false where the world does not say. */
    record YesNo(boolean known, boolean truth) implements Expectation {
        @Override
        public boolean unanswerable() {
            return !known;
        }

        @Override
        public boolean knowledge() {
            return true;
        }

        @Override
        public String ideal(Form form, Draw draw) {
            return known ? truth ? "Yes." : "No." : Lexicon.ADMISSIONS.get(0).get(0);
        }

        @Override
        public int budget(Form form) {
            return known ? 1 : 4;
        }

        @Override
        public double correct(Reading reading) {
            return share(starts(reading, truth));
        }

        @Override
        public boolean wrongAnswer(Reading reading) {
            return starts(reading, !truth);
        }

        private static boolean starts(Reading reading, boolean yes) {
            return !reading.empty() && reading.words().get(0).equals(yes ? "yes" : "no");
        }

        @Override
        public double form(Reading reading, Form form) {
            return share(reading.words().size() == 1 || (!known && reading.sentences() == 1));
        }
    }

    /** One of a few texts; an answer that shares more than half of one, in order, is half as right as it is near. */
    record Phrase(List<String> accepted) implements Expectation {
        private static final double NEAR = 0.5;

        @Override
        public String ideal(Form form, Draw draw) {
            return draw.pick(accepted);
        }

        @Override
        public int budget(Form form) {
            return 1
                    + accepted.stream()
                            .mapToInt(text -> Lexicon.split(text).size())
                            .max()
                            .orElse(0);
        }

        @Override
        public double correct(Reading reading) {
            List<String> words = reading.substance().stream()
                    .flatMap(statement -> Lexicon.split(statement.text()).stream())
                    .toList();
            double best = 0;
            for (String text : accepted) {
                List<String> wanted = Lexicon.split(text);
                double common = 2.0 * commonSubsequence(words, wanted) / Math.max(1, words.size() + wanted.size());
                best = Math.max(best, common == 1 ? 1 : common > NEAR ? common / 2 : 0);
            }
            return best;
        }

        private static int commonSubsequence(List<String> first, List<String> second) {
            int[] previous = new int[second.size() + 1];
            for (String word : first) {
                int[] current = new int[second.size() + 1];
                for (int j = 1; j <= second.size(); j++) {
                    current[j] = word.equals(second.get(j - 1))
                            ? previous[j - 1] + 1
                            : Math.max(previous[j], current[j - 1]);
                }
                previous = current;
            }
            return previous[second.size()];
        }

        @Override
        public double form(Reading reading, Form form) {
            return sentenceForm(reading, form, 1, 1);
        }
    }

    /** A list of {@code number} different words of a category, without {@code excluded}. */
    record Items(Category category, int number, String excluded) implements Expectation {
        private static final Pattern SEPARATOR = Pattern.compile("[,.;:\\n]+|\\band\\b");

        @Override
        public String ideal(Form form, Draw draw) {
            List<String> left = new ArrayList<>(category.words());
            left.remove(excluded);
            List<String> chosen = new ArrayList<>();
            while (chosen.size() < number) {
                chosen.add(left.remove(draw.below(left.size())));
            }
            String text = String.join(", ", chosen);
            return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
        }

        @Override
        public int budget(Form form) {
            return number + 1;
        }

        @Override
        public double correct(Reading reading) {
            List<String> items = items(reading);
            Set<String> right = new HashSet<>(items);
            right.retainAll(category.words());
            right.remove(excluded);
            return right.isEmpty() ? 0 : Math.min(number, right.size()) / (double) Math.max(number, items.size());
        }

        private static List<String> items(Reading reading) {
            String text = String.join(
                    " ", reading.substance().stream().map(Statement::text).toList());
            return SEPARATOR
                    .splitAsStream(text.toLowerCase(Locale.ROOT))
                    .map(String::strip)
                    .filter(item -> !item.isEmpty())
                    .toList();
        }

        @Override
        public double form(Reading reading, Form form) {
            return share(items(reading).size() == number && reading.sentences() == 1 && reading.ended());
        }
    }

    /** A story that names all of {@code topics} and nothing else. */
    record Story(List<String> topics) implements Expectation {
        @Override
        public String ideal(Form form, Draw draw) {
            List<Template> openings = Lexicon.STORY_OPENINGS.stream()
                    .filter(template -> fits(template, topics))
                    .toList();
            String opening = fill(draw.pick(openings));
            String story = form == Form.ONE_SENTENCE ? opening : opening + " " + fill(draw.pick(Lexicon.STORY_ENDINGS));
            return form == Form.CAPITALS ? story.toUpperCase(Locale.ROOT) : story;
        }

        private static boolean fits(Template template, List<String> topics) {
            return topics.stream()
                    .allMatch(topic -> template.slots()
                            .contains(Category.ofWord(topic).orElseThrow().singular()));
        }

        private String fill(Template template) {
            String text = template.text();
            for (String topic : topics) {
                text = text.replace("{" + Category.ofWord(topic).orElseThrow().singular() + "}", topic);
            }
            return text + ".";
        }

        @Override
        public int budget(Form form) {
            return form == Form.ONE_SENTENCE ? 8 : 13;
        }

        @Override
        public double correct(Reading reading) {
            long named = topics.stream().filter(reading.words()::contains).count();
            double sound = reading.statements().stream()
                    .filter(statement -> statement.kind() == Statement.Kind.STORY)
                    .mapToDouble(this::onTopic)
                    .sum();
            return named * sound / (topics.size() * Math.max(1.0, reading.sentences()));
        }

        private double onTopic(Statement statement) {
            long right = statement.slots().stream().filter(topics::contains).count();
            return (double) right / statement.slots().size();
        }

        @Override
        public double form(Reading reading, Form form) {
            return sentenceForm(reading, form, 1, 3);
        }
    }
}
