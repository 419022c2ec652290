package io.github.rlhf4j.world;

import java.util.List;

/** Small talk: a message and the friendly replies that fit it. */
final class ChatExercises {
    private static final List<List<String>> MESSAGES = List.of(
            List.of("Hello, I am {name}.", "Hello {name}, nice to meet you.", "Hello {name}, how are you?"),
            List.of("Good night, says {name}.", "Good night, {name}."),
            List.of("My {animal} {name} is ill.", "I hope {name} gets well soon."),
            List.of("My friend {name} gave me a {animal}.", "How nice of {name}.", "What a nice {animal}."),
            List.of("I am {name} and I made {food}.", "Enjoy the {food}, {name}."),
            List.of("I am {name} and I am a {job} now.", "Good luck as a {job}, {name}."),
            List.of("I am going to {place} with {name}.", "Have a good time in {place}.", "Say hello to {name}."),
            List.of("I lost my {animal} in {place}.", "I hope you find your {animal}."));

    private ChatExercises() {}

    static List<Exercise> all() {
        return MESSAGES.stream().map(ChatExercises::exercise).toList();
    }

    static List<String> answerWords() {
        return MESSAGES.stream().flatMap(List::stream).toList();
    }

    private static Exercise exercise(List<String> messageAndReplies) {
        List<Template> replies =
                messageAndReplies.stream().skip(1).map(Template::of).toList();
        return Exercise.of(
                UseCase.CHAT,
                1,
                messageAndReplies.get(0),
                (book, slots) -> Exercise.Expected.phrase(
                        replies.stream().map(reply -> reply.fill(slots)).toArray(String[]::new)));
    }
}
