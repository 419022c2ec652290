package io.github.rlhf4j.ranking;

import java.util.List;
import java.util.Optional;

/**
 * How much people agree, with each other and with themselves, and which answers they prefer. Numbers that nothing was there for are absent.
 *
 * @param ranked items that somebody ranked
 * @param shared items that two people or more ranked
 * @param alpha Krippendorff's alpha of the ranks, ordinal: 1 is perfect agreement, 0 that of chance
 * @param pairwise share of pairs of answers, of those where two people both prefer one, where they prefer the same one; chance is 1/2
 * @param pairwiseWithTies the same of all pairs of answers, where a tie agrees with a tie alone
 * @param people each person's
 * @param sources how often each source's answers win
 * @param firstShown how often the answer that was shown earlier is preferred; 1/2 where the place does not matter
 * @param longer how often the longer answer is preferred
 */
public record AgreementReport(
        long ranked,
        long shared,
        Optional<Estimate> alpha,
        Optional<Estimate> pairwise,
        Optional<Estimate> pairwiseWithTies,
        List<Person> people,
        List<Source> sources,
        Optional<Estimate> firstShown,
        Optional<Estimate> longer) {
    public AgreementReport {
        people = List.copyOf(people);
        sources = List.copyOf(sources);
    }

    /**
     * What a person did.
     *
     * @param name of the person
     * @param answered items, repeats left out
     * @param skipped items
     * @param repeats items that the person ranked twice
     * @param withOthers as pairwise, with all other people
     * @param withSelf as pairwise, of the two rankings of repeated items
     * @param ties share of pairs of answers that are ties
     * @param secondsPerItem the median; 0: not known
     */
    public record Person(
            String name,
            long answered,
            long skipped,
            long repeats,
            Optional<Estimate> withOthers,
            Optional<Estimate> withSelf,
            Optional<Estimate> ties,
            double secondsPerItem) {}

    /**
     * How a source fares against the others.
     *
     * @param name of the source, such as a model's folder
     * @param wins share of pairs with an answer of another source that it wins; a tie is half a win
     */
    public record Source(String name, Estimate wins) {}
}
