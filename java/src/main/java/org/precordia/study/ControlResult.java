// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import org.precordia.eval.SeedMeans;

/**
 * A row against one of its controls: on the same patients, each row's mean over its seeds.
 *
 * @param row the row whose h knows labels
 * @param control the control
 * @param difference row minus control
 */
public record ControlResult(StudyRow row, StudyRow control, SeedMeans.Difference difference) {}
