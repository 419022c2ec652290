/**
 * Experiments: many runs of one run file, what came out of each, and statistics over seeds. Start at {@link io.github.rlhf4j.experiment.Experiment}.
 *
 * <pre>{@code
 * ExperimentResults results = Experiment.of(rlhf4j, Path.of("dpo.yaml"))
 *         .vary("dpo.beta", 0.1, 0.5)
 *         .vary("seed", 1, 2, 3)
 *         .metrics("dpo.eval_loss")
 *         .measure("facts", run -> known(run.stage("dpo").model()))
 *         .output(Path.of("runs/beta"))
 *         .resume()
 *         .run();
 * for (Group group : results.groups()) {
 *     Estimate loss = group.metric("dpo.eval_loss");
 *     System.out.println(group.values().number("dpo.beta") + ": " + loss.mean() + " ± " + loss.halfWidth(0.95));
 * }
 * }</pre>
 *
 * <p>A run is an ordinary run in a folder of its own below the experiment's, so everything that is known of runs holds: it is stopped and resumed to the same bytes. A stage that two runs need alike is made once
 * and copied. The experiment's folder has experiment.json, experiment.csv and report.html.
 */
@NullMarked
package io.github.rlhf4j.experiment;

import org.jspecify.annotations.NullMarked;
