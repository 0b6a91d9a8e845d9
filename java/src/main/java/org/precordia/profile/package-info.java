// SPDX-License-Identifier: Apache-2.0

/**
 * Where time goes, as a trace file (docs/profiling.md) and as events of the JDK's Flight Recorder.
 * Knows nothing else of Precordia.
 */
package org.precordia.profile;
