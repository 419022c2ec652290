package io.github.rlhf4j.world;

import java.util.List;

/** What the world states about people and places: the sentences in four languages, the questions, and the yes-no question. */
enum Relation {
    HOME(
            true,
            Category.PLACE,
            List.of("{s} lives in {v}.", "{s} is from {v}."),
            "{s} vit à {v}.",
            "{s} lebt in {v}.",
            "{s} vive en {v}.",
            List.of("Where does {s} live?", "In which town does {s} live?", "What is the home of {s}?"),
            "Does {s} live in {v}?"),
    JOB(
            true,
            Category.JOB,
            List.of("{s} is a {v}.", "{s} works as a {v}."),
            "{s} travaille comme {v}.",
            "{s} arbeitet als {v}.",
            "{s} trabaja como {v}.",
            List.of("What is the job of {s}?", "What does {s} work as?", "Which job does {s} have?"),
            "Is {s} a {v}?"),
    FOOD(
            true,
            Category.FOOD,
            List.of("{s} eats {v}.", "{s} likes to eat {v}."),
            "{s} mange {v}.",
            "{s} isst {v}.",
            "{s} come {v}.",
            List.of("What does {s} eat?", "Which food does {s} eat?", "What is the food of {s}?"),
            "Does {s} eat {v}?"),
    PET(
            true,
            Category.ANIMAL,
            List.of("{s} has a {v}.", "{s} owns a {v}."),
            "{s} a {v}.",
            "{s} hat {v}.",
            "{s} tiene {v}.",
            List.of("Which animal does {s} have?", "Which animal does {s} own?", "What is the animal of {s}?"),
            "Does {s} have a {v}?"),
    COLOUR(
            true,
            Category.COLOUR,
            List.of("{s} wears {v}.", "{s} likes to wear {v}."),
            "{s} porte du {v}.",
            "{s} trägt {v}.",
            "{s} lleva {v}.",
            List.of("Which colour does {s} wear?", "What does {s} wear?", "What is the colour of {s}?"),
            "Does {s} wear {v}?"),
    RIVER(
            false,
            Category.RIVER,
            List.of("{s} lies on the {v}.", "{s} is on the {v}."),
            "{s} se trouve sur la {v}.",
            "{s} liegt an der {v}.",
            "{s} queda junto al {v}.",
            List.of("On which river does {s} lie?", "Which river does {s} have?", "What is the river of {s}?"),
            "Does {s} lie on the {v}?"),
    DISH(
            false,
            Category.FOOD,
            List.of("{s} is known for {v}.", "{s} sells {v}."),
            "{s} vend {v}.",
            "{s} verkauft {v}.",
            "{s} vende {v}.",
            List.of("Which food is {s} known for?", "What does {s} sell?", "Which food does {s} sell?"),
            "Does {s} sell {v}?"),
    YEAR(
            false,
            Category.YEAR,
            List.of("{s} was founded in {v}.", "{s} began in {v}."),
            "{s} fut fondée en {v}.",
            "{s} entstand im Jahr {v}.",
            "{s} nació en {v}.",
            List.of("When was {s} founded?", "In which year was {s} founded?", "What is the year of {s}?"),
            "Was {s} founded in {v}?");

    /** Questions that the world never answers. */
    static final List<String> NEVER_STATED =
            List.of("How old is {s}?", "Who is the mother of {s}?", "How tall is {s}?", "Who is the friend of {s}?");

    static final List<String> NEVER_STATED_OF_PLACES = List.of(
            "Who is the mayor of {s}?", "How many people live in {s}?", "How big is {s}?", "Who is the king of {s}?");

    private final boolean ofPerson;
    private final Category valueCategory;
    private final List<List<Template>> sentences; // by language
    private final List<Template> questions;
    private final Template yesNoQuestion;

    Relation(
            boolean ofPerson,
            Category valueCategory,
            List<String> english,
            String french,
            String german,
            String spanish,
            List<String> questions,
            String yesNoQuestion) {
        this.ofPerson = ofPerson;
        this.valueCategory = valueCategory;
        this.sentences = List.of(
                english.stream().map(text -> sentence(text, Language.ENGLISH)).toList(),
                List.of(sentence(french, Language.FRENCH)),
                List.of(sentence(german, Language.GERMAN)),
                List.of(sentence(spanish, Language.SPANISH)));
        this.questions = questions.stream().map(Template::of).toList();
        this.yesNoQuestion = Template.of(yesNoQuestion.replace("{v}", "{" + valueCategory.singular() + "}"));
    }

    private Template sentence(String text, Language language) {
        return Template.sentence(text, valueCategory, language);
    }

    boolean ofPerson() {
        return ofPerson;
    }

    Category valueCategory() {
        return valueCategory;
    }

    List<Template> sentences(Language language) {
        return sentences.get(language.ordinal());
    }

    List<Template> questions() {
        return questions;
    }

    Template yesNoQuestion() {
        return yesNoQuestion;
    }

    static List<Relation> of(boolean person) {
        return List.of(values()).stream()
                .filter(relation -> relation.ofPerson == person)
                .toList();
    }
}
