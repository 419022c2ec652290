/**
 * Direct preference optimisation and its family (Rafailov et al. 2023, arXiv:2305.18290), KTO (Ethayarajh et al. 2024, arXiv:2402.01306), and DPO
 * on the policy's own responses (Guo et al. 2024, arXiv:2402.04792). Start at {@link io.github.rlhf4j.dpo.DpoTrainer}; the losses by name are in {@link
 * io.github.rlhf4j.dpo.PreferenceLosses}.
 */
@NullMarked
package io.github.rlhf4j.dpo;

import org.jspecify.annotations.NullMarked;
