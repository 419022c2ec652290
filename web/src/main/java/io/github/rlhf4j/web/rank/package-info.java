/** People put answers in order: the answers sampled or read, shown, ranked, measured for agreement, exported and trained on. Start at {@link io.github.rlhf4j.web.rank.RankPage}. */
@NullMarked
package io.github.rlhf4j.web.rank;

import org.jspecify.annotations.NullMarked;
