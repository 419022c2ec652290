/**
 * The lab: experiments of a course on foundation models, each a page with a question, expectations and measured results. Start at {@link io.github.rlhf4j.lab.LabProgram}; a page of one's own needs a page.yaml and perhaps a {@link
 * io.github.rlhf4j.lab.Measure}.
 */
@NullMarked
package io.github.rlhf4j.lab;

import org.jspecify.annotations.NullMarked;
