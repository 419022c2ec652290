package io.github.rlhf4j.world;

import java.util.List;

/**
 * A prompt with K different responses and what each is worth.
 *
 * @param utilities the hidden utility's total of each response
 * @param kinds how each response was made
 */
record Candidates(Task task, List<String> responses, List<UtilityScore> utilities, List<CandidateKind> kinds) {}
