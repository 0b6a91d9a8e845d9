// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.nio.file.Path;

/**
 * How a run ended.
 *
 * @param model the trained model's file; it does not exist yet when a run was stopped before its
 *     first validation
 * @param completed false when it was stopped; it can be resumed
 * @param steps steps done
 * @param seconds time spent training, also before a resume
 * @param score name of the figure that chose the epoch
 * @param best the figure, on the patients held out
 */
public record TrainingResult(
    Path model, boolean completed, long steps, double seconds, String score, double best) {}
