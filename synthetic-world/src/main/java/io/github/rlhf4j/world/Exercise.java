package io.github.rlhf4j.world;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One pattern of prompts: how its slots are drawn, and what an answer must say for the slots found in a prompt.
 *
 * @param weight how often it is drawn, relative to the others of its use case
 * @param forms the forms it may ask for; a repeated one is drawn more often
 */
record Exercise(UseCase useCase, double weight, Template template, List<Form> forms, Slots slots, Reader reader) {
    /** What a right answer is, for the slots of a prompt. */
    @FunctionalInterface
    interface Reader {
        Expected read(FactBook book, Map<String, String> slots);
    }

    /** Values for the slots that {@link #commonSlots} does not know. */
    @FunctionalInterface
    interface Slots {
        void fill(Map<String, String> values, FactBook book, Draw draw);
    }

    /** @param given facts that hold because the prompt states them */
    record Expected(Expectation expectation, Form form, List<Fact> given) {
        static Expected phrase(String... accepted) {
            return new Expected(new Expectation.Phrase(List.of(accepted)), Form.PLAIN, List.of());
        }

        static Expected of(Expectation expectation) {
            return new Expected(expectation, Form.PLAIN, List.of());
        }
    }

    private static final double STRANGERS = 0.1;

    static Exercise of(UseCase useCase, double weight, String template, Reader reader) {
        return new Exercise(
                useCase, weight, Template.of(template), List.of(Form.PLAIN), (values, book, draw) -> {}, reader);
    }

    Exercise withForms(Form... allowed) {
        return new Exercise(useCase, weight, template, List.of(allowed), slots, reader);
    }

    Exercise withSlots(Slots own) {
        return new Exercise(useCase, weight, template, forms, own, reader);
    }

    String prompt(FactBook book, Draw draw) {
        Map<String, String> values = commonSlots(book, draw);
        slots.fill(values, book, draw);
        return template.fill(values) + draw.pick(forms).suffix();
    }

    private Map<String, String> commonSlots(FactBook book, Draw draw) {
        Map<String, String> values = new HashMap<>();
        for (String slot : template.slots()) {
            switch (slot.replaceAll("\\d", "")) {
                case "name" -> values.put(slot, book.character(draw));
                case "place" -> values.put(slot, book.place(draw));
                case "subject" -> values.put(slot, subject(book, draw));
                case "animal", "food", "job", "colour" ->
                    values.put(
                            slot,
                            draw.pick(Category.named(slot.replaceAll("\\d", "")).words()));
                case "number" -> values.put(slot, draw.pick(Numbers.LISTS));
                case "kinds" -> values.put(slot, draw.pick(Numbers.KINDS).plural());
                default -> {}
            }
        }
        return values;
    }

    private static String subject(FactBook book, Draw draw) {
        return draw.chance(STRANGERS) ? book.stranger(draw) : book.subject(draw.chance(0.65), draw);
    }
}
