/** In which language a text is written. Start at {@link io.github.rlhf4j.datasets.language.LanguageDetector}. */
@NullMarked
package io.github.rlhf4j.datasets.language;

import org.jspecify.annotations.NullMarked;
