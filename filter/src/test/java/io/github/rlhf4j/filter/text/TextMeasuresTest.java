package io.github.rlhf4j.filter.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextMeasuresTest {
    @Test
    void wordsAreWhatWhiteSpaceSeparates() {
        assertThat(TextUnits.words(" a\tbc,\u00a0d\u3000e\n")).containsExactly("a", "bc,", "d", "e");
        assertThat(TextUnits.plainWords("Don't say \u4e2d\u6587 na\u00efve-42!"))
                .containsExactly("don", "t", "say", "\u4e2d", "\u6587", "na\u00efve", "42");
        assertThat(TextUnits.lines("a\r\nb\n\nc\u2028d\n")).containsExactly("a", "b", "", "c", "d");
        assertThat(TextUnits.lines("")).isEmpty();
    }

    /** "ab ab ab cd": 3 2-grams; "ab ab" twice of 11 characters: 10/11. Of bigrams one repeats: "ab ab" -> 4 characters without spaces. */
    @Test
    void repetitionIsAShareOfCharacters() {
        Repetition repetition = new Repetition("ab ab ab cd");

        assertThat(repetition.topNGram(2)).isCloseTo(10.0 / 11, within(1e-12));
        assertThat(repetition.duplicatedNGrams(2)).isCloseTo(4.0 / 11, within(1e-12));
        assertThat(repetition.topNGram(5)).isZero();
        Repetition.Share lines = new Repetition("x\nyy\nx\n\nyy").lines();
        assertThat(lines.count()).isEqualTo(0.5);
        assertThat(lines.characters()).isCloseTo(3.0 / 10, within(1e-12));
        assertThat(new Repetition("p\nq\n\nr\n\np\nq").paragraphs().count()).isCloseTo(1.0 / 3, within(1e-12));
    }

    @Test
    void sentencesEndBeforeWhiteSpace() {
        assertThat(Sentences.count("It is 3.5 km. \"Really?\" Yes!")).isEqualTo(3);
        assertThat(Sentences.count("One. and no end")).isEqualTo(2);
        assertThat(Sentences.count("\u4f60\u597d\u3002\u518d\u89c1\u3002")).isEqualTo(2);
        assertThat(Sentences.count(" ")).isZero();
    }

    @Test
    void badWordsAreWholeWordsOrPhrases() {
        BadWords words = new BadWords(List.of("Blig", "", "two words", "\u574f"));

        assertThat(words.size()).isEqualTo(3);
        assertThat(words.find("the BLIG, here")).contains("blig");
        assertThat(words.find("bligs and abligs")).isEmpty();
        assertThat(words.find("these two\nwords")).contains("two words");
        assertThat(words.find("\u597d\u574f")).contains("\u574f");
    }

    @Test
    void aTextThatSharesThirteenWordsIsFound() {
        NGramIndex index = new NGramIndex(13);
        index.add("too short a text for it");
        index.add("what is the height of the old tower that stands beside the river in the town of Lim");
        index.add("a question of eight words is looked for");

        assertThat(index.texts()).isEqualTo(3);
        assertThat(index.tooShort()).isEqualTo(1);
        assertThat(index.find("He asked: What IS the height, of the old tower that stands beside the river?"))
                .hasValue(1);
        assertThat(index.find("what is the height of the old tower that stands beside a river"))
                .isEmpty();
        assertThat(index.find("it is a question of eight words is looked for and found"))
                .hasValue(2);
        assertThat(index.find("too short a text for it")).isEmpty();
    }

    @Test
    void theIndexGrows() {
        NGramIndex index = new NGramIndex(8);
        for (int i = 0; i < 5_000; i++) {
            index.add("a b c d e f g w" + i);
        }

        assertThat(index.find("a b c d e f g w4321 x")).hasValue(4321);
        assertThat(index.find("a b c d e f g w5000")).isEmpty();
    }

    /** Scores 3, 1 against 2, 0, 1: wins 3 + 1 + 0.5 of 6. */
    @Test
    void theAreaIsTheShareOfPairsInOrder() {
        assertThat(AreaUnderCurve.of(new double[] {3, 1}, new double[] {2, 0, 1})
                        .area())
                .isCloseTo(4.5 / 6, within(1e-12));
    }

    @Test
    void theClassifierLearnsWhichWordsAreGood() {
        NGramClassifier classifier = new NGramClassifier(0.1);
        for (int i = 0; i < 200; i++) {
            classifier.learn("water grows the tree " + i, true, 1);
            classifier.learn("buy the cheap offer " + i, false, 1);
        }

        assertThat(classifier.probability("water grows the tree here")).isGreaterThan(0.8);
        assertThat(classifier.probability("a cheap offer")).isLessThan(0.2);
        assertThat(classifier.learn("a cheap offer", false, 1)).isLessThan(0.3);
    }
}
