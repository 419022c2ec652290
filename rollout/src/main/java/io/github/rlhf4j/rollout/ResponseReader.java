package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.PromptText;
import io.github.rlhf4j.datasets.tokens.TextTokens;
import java.util.function.Consumer;

/** How a reward model reads prompt and response, whose score is at the last token. */
interface ResponseReader {
    /** The very tokens that were sampled. */
    ResponseReader SAMPLED = Rollout::scoreSequence;

    TokenSequence read(Rollout rollout);

    /** In tokens of its own. */
    final class OfTexts implements ResponseReader {
        private final String given;
        private final TextTokens tokens;
        private final Consumer<String> warnings;
        private boolean hasWarned;

        /**
         * @param given the model as the user named it
         * @param warnings where a line goes if a text is longer than the model's context
         */
        OfTexts(String given, TextTokens tokens, Consumer<String> warnings) {
            this.given = given;
            this.tokens = tokens;
            this.warnings = warnings;
        }

        @Override
        public TokenSequence read(Rollout rollout) {
            TextTokens.Encoded encoded;
            try {
                encoded = tokens.encode(text(rollout), rollout.answer().response(), rollout.ended());
            } catch (UserError e) {
                throw new UserError("reward_model " + given + ": " + e.getMessage(), e);
            }
            if (encoded.isCut() && !hasWarned) {
                hasWarned = true;
                warnings.accept(
                        "reward_model " + given
                                + ": prompt and response have more tokens than its context, so it does not see the beginning of the prompt");
            }
            return TokenSequence.scoredAtEnd(encoded.ids());
        }

        static PromptText text(Rollout rollout) {
            return rollout.prompt()
                    .orElseThrow(() -> new IllegalStateException("a prompt's text was not kept for a reward model"));
        }
    }
}
