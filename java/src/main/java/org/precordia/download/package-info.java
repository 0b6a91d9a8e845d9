// SPDX-License-Identifier: Apache-2.0

/**
 * Fetches published data sets: every file is verified against the publisher's {@code
 * SHA256SUMS.txt}, and what was fetched is never fetched again.
 */
package org.precordia.download;
