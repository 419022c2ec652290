package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.datasets.language.LanguageDetector;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * {@code language}: 1 where the response is more likely written in a language than in any other, by the n-gram model of Apache OpenNLP; else 0, as for one with too few letters to tell. With {@code among} only these languages are thought of, which makes short texts sure.
 */
final class LanguageReward implements RewardFunction {
    static final ConfigKey<String> LANGUAGE =
            ConfigKey.text("language", "en").meaning("ISO 639 code, as en or eng, that responses should be written in");
    static final ConfigKey<String> AMONG = ConfigKey.text("among", "")
            .meaning("codes of all languages that may occur, with commas; empty: 183 languages");

    private static final int LEAST_LETTERS = 5;

    private final String wanted;
    private final Set<String> among;

    LanguageReward() {
        this("eng", Set.of());
    }

    private LanguageReward(String wanted, Set<String> among) {
        this.wanted = wanted;
        this.among = among;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(LANGUAGE, AMONG);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        String code = code(LANGUAGE.name(), given.get(LANGUAGE));
        Set<String> candidates = new TreeSet<>();
        if (!given.get(AMONG).isBlank()) {
            Stream.of(given.get(AMONG).split(",")).forEach(other -> candidates.add(code(AMONG.name(), other.strip())));
            candidates.add(code);
        }
        return new LanguageReward(code, candidates);
    }

    /** The code of ISO 639-3 that the model uses. */
    private static String code(String key, String given) {
        Optional<String> code = LanguageDetector.code(given);
        checkConfig(
                code.isPresent(),
                key,
                given,
                "must be the ISO 639 code of a language that the model knows, such as en, de or zh");
        return code.orElse(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream().mapToDouble(answer -> score(answer.response())).toArray();
    }

    private double score(String text) {
        if (text.codePoints().filter(Character::isLetter).count() < LEAST_LETTERS) {
            return 0;
        }
        String best = LanguageDetector.guesses(text).stream() // the most likely first
                .map(LanguageDetector.Guess::code)
                .filter(language -> among.isEmpty() || among.contains(language))
                .findFirst()
                .orElse("");
        return best.equals(wanted) ? 1 : 0;
    }
}
