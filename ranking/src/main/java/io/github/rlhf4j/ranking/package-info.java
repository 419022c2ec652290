/**
 * What people think of answers: which answers are shown to whom and in which order, a file that loses no answer, agreement between people, and datasets for rewards, preferences and demonstrations. Start at {@link
 * io.github.rlhf4j.ranking.RankingProject}.
 */
@NullMarked
package io.github.rlhf4j.ranking;

import org.jspecify.annotations.NullMarked;
