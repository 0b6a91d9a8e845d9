// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.precordia.data.Lead;
import org.precordia.data.Recording;

/**
 * How {@link EcgPaper} draws a recording.
 *
 * @param title first line; empty takes the recording's name
 * @param subtitles further lines above the paper
 * @param layout rows and columns
 * @param start begin of the drawing in seconds
 * @param seconds at most this much is drawn
 * @param reconstructed leads that were computed by a model
 * @param reference the true leads, drawn beneath the reconstructed ones
 * @param note printed beside the scale, for example a warning; may be empty
 */
public record EcgPaperOptions(
    String title,
    List<String> subtitles,
    Layout layout,
    double start,
    double seconds,
    Set<Lead> reconstructed,
    Optional<Recording> reference,
    String note) {

  /** The note on every drawing with reconstructed leads. */
  public static final String NOT_FOR_DIAGNOSIS = "Reconstructed, not for diagnosis";

  /** What a page of ECG paper holds when nothing else is asked for, in seconds. */
  public static final double PAGE_SECONDS = 10;

  /**
   * Rows and columns of the paper. Leads fill the columns from top to bottom in standard order; the
   * columns show successive stretches of time.
   *
   * @param rows leads in a column
   * @param columns columns
   * @param rhythm leads drawn again beneath, over the whole time; those that are missing are left
   *     out
   */
  public record Layout(int rows, int columns, List<Lead> rhythm) {
    /** Three rows of four leads and lead II as rhythm strip. */
    public static final Layout STANDARD = new Layout(3, 4, List.of(Lead.II));

    /** Six rows of two leads. */
    public static final Layout SIX_BY_TWO = new Layout(6, 2, List.of());

    /** One row a lead, for twelve leads. */
    public static final Layout TWELVE_ROWS = new Layout(12, 1, List.of());

    public Layout {
      rhythm = List.copyOf(rhythm);
      if (rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "a layout needs at least one row and column, was " + rows + " by " + columns);
      }
    }
  }

  public EcgPaperOptions {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(note, "note");
    subtitles = List.copyOf(subtitles);
    reconstructed = Set.copyOf(reconstructed);
    if (!(start >= 0) || Double.isInfinite(start)) {
      throw new IllegalArgumentException("start must not be negative, was " + start + " s");
    }
    if (!(seconds > 0) || Double.isInfinite(seconds)) {
      throw new IllegalArgumentException("seconds must be positive, was " + seconds + " s");
    }
  }

  /** The first ten seconds in the standard layout, all leads measured. */
  public static EcgPaperOptions standard() {
    return new EcgPaperOptions(
        "", List.of(), Layout.STANDARD, 0, PAGE_SECONDS, Set.of(), Optional.empty(), "");
  }

  /** The same with a title and further lines. */
  public EcgPaperOptions withTitle(String text, String... lines) {
    return new EcgPaperOptions(
        text, List.of(lines), layout, start, seconds, reconstructed, reference, note);
  }

  /** The same in another layout. */
  public EcgPaperOptions withLayout(Layout other) {
    return new EcgPaperOptions(
        title, subtitles, other, start, seconds, reconstructed, reference, note);
  }

  /** The same for another stretch of the recording, in seconds. */
  public EcgPaperOptions withRange(double from, double duration) {
    return new EcgPaperOptions(
        title, subtitles, layout, from, duration, reconstructed, reference, note);
  }

  /**
   * The same with these leads marked as reconstructed; unless there are none, the note becomes
   * {@link #NOT_FOR_DIAGNOSIS}.
   */
  public EcgPaperOptions withReconstructed(Set<Lead> leads) {
    String warning = leads.isEmpty() ? note : NOT_FOR_DIAGNOSIS;
    return new EcgPaperOptions(title, subtitles, layout, start, seconds, leads, reference, warning);
  }

  /** The same with the true leads beneath the reconstructed ones; any sampling rate. */
  public EcgPaperOptions withReference(Recording truth) {
    return new EcgPaperOptions(
        title, subtitles, layout, start, seconds, reconstructed, Optional.of(truth), note);
  }

  /** The same with another note. */
  public EcgPaperOptions withNote(String text) {
    return new EcgPaperOptions(
        title, subtitles, layout, start, seconds, reconstructed, reference, text);
  }
}
