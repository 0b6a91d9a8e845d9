// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.util.List;

/**
 * What a download did.
 *
 * @param files files that were wanted
 * @param kept files that were there already and right
 * @param fetched files that came, those that replaced another content included
 * @param replaced paths of files that were there with another content
 * @param missing files that were asked for and did not come, with the reason
 * @param bytes bytes that came
 * @param seconds time it took
 * @param stopped whether it was told to stop before its end
 * @param advice why it gave up before its end, or empty
 */
public record DownloadReport(
    int files,
    int kept,
    int fetched,
    List<String> replaced,
    List<Missing> missing,
    long bytes,
    double seconds,
    boolean stopped,
    String advice) {

  /** A file that did not come. */
  public record Missing(String path, String reason) {}

  public DownloadReport {
    replaced = List.copyOf(replaced);
    missing = List.copyOf(missing);
  }

  /** Files that were not asked for, because it ended early. */
  public int notTried() {
    return files - kept - fetched - missing.size();
  }

  /** Whether every file is there and right. */
  public boolean complete() {
    return kept + fetched == files;
  }
}
