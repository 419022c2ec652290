/**
 * Sequence models from before the transformer, with deeplearning4j: an encoder and a decoder of LSTMs without and with attention, and a language model of one LSTM. Start at {@link io.github.rlhf4j.lab.recurrent.Translator}.
 *
 * <p>Sutskever et al. 2014, Cho et al. 2014, Luong et al. 2015; what departs from them is said at {@link io.github.rlhf4j.lab.recurrent.TranslationGraph}.
 */
@NullMarked
package io.github.rlhf4j.lab.recurrent;

import org.jspecify.annotations.NullMarked;
