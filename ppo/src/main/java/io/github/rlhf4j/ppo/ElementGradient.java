package io.github.rlhf4j.ppo;

/**
 * The loss at one token and its derivative.
 *
 * @param loss the loss
 * @param gradient its derivative by the new log-probability, or the new value
 * @param clipped whether the clipped term was the larger one
 */
public record ElementGradient(double loss, double gradient, boolean clipped) {}
