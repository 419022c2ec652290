/**
 * The stage {@code filter}: which rows of a dataset stay, and why the others do not. Start at {@link io.github.rlhf4j.filter.FilterStage}.
 *
 * <p>Source: Rae et al. 2021, arXiv:2112.11446 (Gopher); Raffel et al. 2020, arXiv:1910.10683 (C4).
 */
@NullMarked
package io.github.rlhf4j.filter;

import org.jspecify.annotations.NullMarked;
