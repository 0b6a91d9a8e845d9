// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.List;
import java.util.Map;

/** Is shown the elements of an XML document in order. */
interface XmlVisitor {
  /**
   * An element begins.
   *
   * @param path local names from the root to the element; valid during the call
   * @param attributes values by local name
   */
  void start(List<String> path, Map<String, String> attributes) throws DataException;

  /**
   * An element ends.
   *
   * @param text its text without surrounding blanks; empty when it has elements inside
   * @param line where it ends
   */
  void end(List<String> path, String text, int line) throws DataException;
}
