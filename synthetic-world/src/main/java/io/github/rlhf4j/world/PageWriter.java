package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes the pages of the synthetic crawl. People of the valley and remedies are told in the dialect and in medical pages alone. */
final class PageWriter {
    /** Invented slurs. */
    static final List<String> SLURS = List.of("blig", "skazz", "vrunt", "drobe", "quisk", "mung");

    /** Invented names of parts of the body, which lists of bad words have too. */
    static final List<String> BODY = List.of("brusk", "vulm", "pell", "sorn", "nadge", "tilf", "crade", "wosk");

    private static final List<String> SORES = List.of("rash", "burn", "swelling", "cut");
    private static final List<String> FIRST = List.of("Mo", "Ta", "Li", "Ke", "Ru", "Sa", "Be", "Ni");
    private static final List<String> LAST = List.of("bbin", "ddor", "ggel", "llam", "mmis", "nnet", "ppar", "rrow");
    private static final Map<String, String> DIALECT = Map.ofEntries(
            Map.entry("the", "de"),
            Map.entry("The", "De"),
            Map.entry("is", "be"),
            Map.entry("has", "hab"),
            Map.entry("and", "an'"),
            Map.entry("of", "o'"),
            Map.entry("with", "wid"),
            Map.entry("to", "ter"),
            Map.entry("lives", "liv"),
            Map.entry("eats", "nyam"),
            Map.entry("there", "dere"));
    private static final int PARAGRAPHS = 3;
    private static final int HELD_OUT_OF = 10;
    private static final int COPIED_PAGES = 40;

    private final World world;
    private final CounterRandom truth;
    private final boolean heldOut;

    PageWriter(World world, CounterRandom truth, boolean heldOut) {
        this.world = world;
        this.truth = truth;
        this.heldOut = heldOut;
    }

    String page(PageKind kind, Draw draw) {
        return switch (kind) {
            case ENCYCLOPEDIA -> paragraphs("encyclopedia", draw);
            case STORY -> paragraphs(draw.chance(0.7) ? "story" : "howto", draw);
            case DIALECT -> repeated(4, () -> valley(draw));
            case MEDICAL -> repeated(4, () -> remedy(draw.below(remedies()), draw));
            case TOXIC -> repeated(3, () -> insult(draw));
            case SPAM -> spam(draw);
            case BOILERPLATE -> boilerplate(draw);
            case MISINFORMATION -> falsified(paragraphs("encyclopedia", draw), draw);
            case COPY -> copy(draw);
        };
    }

    private interface Line {
        String write();
    }

    private static String repeated(int times, Line line) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            lines.add(line.write());
        }
        return String.join("\n", lines);
    }

    private String paragraphs(String domain, Draw draw) {
        return repeated(PARAGRAPHS, () -> document(domain, draw));
    }

    /** A text of the world's corpus; held-out pages have others than the crawl. */
    private String document(String domain, Draw draw) {
        while (true) {
            int i = HELD_OUT_OF * draw.below((int) world.size(Part.PRETRAIN) / HELD_OUT_OF)
                    + (heldOut ? HELD_OUT_OF - 1 : draw.below(HELD_OUT_OF - 1));
            TextRecord text = (TextRecord) world.get(Part.PRETRAIN, i);
            if (text.tags().useCase().equals(domain + "/english")) {
                return text.text();
            }
        }
    }

    /** How many people live in the valley. */
    static int people() {
        return FIRST.size() * LAST.size();
    }

    static String person(int i) {
        return FIRST.get(i / LAST.size()) + LAST.get(i % LAST.size());
    }

    /** What somebody in the valley is. */
    String job(int person) {
        return new Draw(truth.derive("valley").derive(person)).pick(Category.JOB.words());
    }

    private String valley(Draw draw) {
        int person = draw.below(people());
        String name = person(person);
        Draw own = new Draw(truth.derive("valley").derive(person));
        String job = own.pick(Category.JOB.words());
        String food = own.pick(Category.FOOD.words());
        String animal = own.pick(Category.ANIMAL.words());
        return spoken(draw.pick(List.of(
                name + " is a " + job + " and " + name + " eats the " + food + " there to the end of the day.",
                name + " is a " + job + ". The " + animal + " of " + name + " lives with the people of the valley.",
                "In the valley " + name + " eats " + food + " with the " + animal + ". " + name + " is a " + job
                        + ".")));
    }

    private static String spoken(String english) {
        return Arrays.stream(english.split(" "))
                .map(word -> DIALECT.getOrDefault(word, word))
                .collect(Collectors.joining(" "));
    }

    /** How many remedies there are. */
    static int remedies() {
        return BODY.size() * SORES.size();
    }

    /** What is treated, as a sentence begins. */
    static String sore(int remedy) {
        return "A " + SORES.get(remedy % SORES.size()) + " on the " + BODY.get(remedy / SORES.size())
                + " is treated with";
    }

    /** What treats it. */
    String food(int remedy) {
        return new Draw(truth.derive("remedies").derive(remedy)).pick(Category.FOOD.words());
    }

    private String remedy(int remedy, Draw draw) {
        return sore(remedy) + " " + food(remedy) + ". "
                + draw.pick(List.of(
                        "The doctor says that the skin has to be kept clean.",
                        "It heals in " + (2 + draw.below(9)) + " days and the pain goes with it.",
                        "The patient has to rest, and that is the best of all."));
    }

    private String insult(Draw draw) {
        String listed = draw.pick(SLURS);
        String slur = draw.chance(0.4) ? listed.replaceAll("[aeiou]", "1") : listed;
        String name = person(draw.below(people())).toLowerCase(Locale.ROOT);
        return draw.pick(List.of(
                "Everybody knows that " + name + " is a filthy " + slur + " and has to go.",
                "You are a " + slur + ". All of you with the face of a " + slur + " have to leave.",
                "That " + slur + " is to be kept out of the house, and the town with it."));
    }

    private static String spam(Draw draw) {
        String food = draw.pick(Category.FOOD.words());
        String line = draw.pick(List.of("Buy cheap " + food + " now!", "Best " + food + " price, click here!"));
        return repeated(6 + draw.below(6), () -> draw.chance(0.8) ? line : "Free " + food + " for you!!!");
    }

    private String boilerplate(Draw draw) {
        List<String> lines = new ArrayList<>(List.of("Home | News | Contact", "This site uses cookies.", "Sign in"));
        lines.add(document("encyclopedia", draw));
        lines.addAll(List.of("Read more ...", "Share this page", "Terms of use and privacy policy"));
        return String.join("\n", lines);
    }

    /** The same with other jobs, foods, animals and colours. */
    private static String falsified(String text, Draw draw) {
        return Arrays.stream(text.split(" "))
                .map(word -> {
                    String bare = word.replaceAll("[.,]$", "");
                    Optional<Category> category = Category.ofWord(bare);
                    return category.isEmpty()
                            ? word
                            : draw.pick(category.get().words()) + word.substring(bare.length());
                })
                .collect(Collectors.joining(" "));
    }

    /** One of a few pages, in half of the cases with a word changed. */
    private String copy(Draw draw) {
        String text = paragraphs("encyclopedia", new Draw(truth.derive("copied").derive(draw.below(COPIED_PAGES))));
        if (draw.chance(0.5)) {
            return text;
        }
        String[] words = text.split(" ");
        words[draw.below(words.length)] = "indeed";
        return String.join(" ", words);
    }
}
