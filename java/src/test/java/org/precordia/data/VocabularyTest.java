// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private static Subject subject(Map<String, Double> codes, String... superclasses) {
    return new Subject("p", 0, 50, Subject.Sex.MALE, codes, Set.of(superclasses), true);
  }

  private static final List<Subject> SUBJECTS =
      List.of(
          subject(Map.of("A", 100.0, "B", 79.0, "SR", 0.0)),
          subject(Map.of("B", 80.0, "C", 0.0, "PACE", 100.0)),
          subject(Map.of("D", 35.0)));

  private static Vocabulary collect(LabelPolicy policy) {
    return Vocabulary.collect(SUBJECTS, policy, c -> c.length() == 1);
  }

  @Test
  void defaultKeepsLikelyAndUnknownDiagnosticStatements() {
    Vocabulary v = collect(LabelPolicy.DEFAULT);
    assertEquals(List.of("A", "B", "C", "PACE"), v.labels());
    assertArrayEquals(new long[] {0b0001, 0}, v.labelMask(SUBJECTS.get(0)));
    assertArrayEquals(new long[] {0b0110, 0}, v.labelMask(SUBJECTS.get(1)));
    assertArrayEquals(new long[] {0b1010, 0}, v.certainMask(SUBJECTS.get(1)));
    assertArrayEquals(new long[] {0, 0}, v.labelMask(SUBJECTS.get(2)));
  }

  @Test
  void unknownLikelihoodsCanBeDropped() {
    Vocabulary v = collect(LabelPolicy.DEFAULT.dropUnknown());
    assertEquals(List.of("A", "B", "PACE"), v.labels());
    assertArrayEquals(new long[] {0b010, 0}, v.labelMask(SUBJECTS.get(1)));
  }

  @Test
  void formAndRhythmCanBeKept() {
    Vocabulary v = collect(new LabelPolicy(80, true, false));
    assertEquals(List.of("A", "B", "C", "PACE", "SR"), v.labels());
    assertArrayEquals(new long[] {0b10001, 0}, v.labelMask(SUBJECTS.get(0)));
    assertThrows(IllegalArgumentException.class, () -> new LabelPolicy(0, true, true));
  }

  @Test
  void bitsAboveSixtyThreeUseTheSecondWordAndTheRarestCodesAreDropped() {
    List<Subject> subjects = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      Subject s = subject(Map.of(String.format("L%03d", i), 100.0));
      subjects.add(s);
      if (i != 7 && i != 99) {
        subjects.add(s);
      }
    }
    Vocabulary v = Vocabulary.collect(subjects, LabelPolicy.DEFAULT, c -> true);
    assertEquals(128, v.labels().size());
    assertEquals(List.of("L007", "L099"), v.dropped());
    assertArrayEquals(new long[] {0, 0}, v.labelMask(subject(Map.of("L007", 100.0))));
    assertArrayEquals(new long[] {0, Long.MIN_VALUE}, v.labelMask(subject(Map.of("L129", 100.0))));
    assertArrayEquals(new long[] {0, 1}, v.labelMask(subject(Map.of("L065", 100.0))));
  }

  @Test
  void superclassesBeginWithPtbXls() {
    List<Subject> subjects = List.of(subject(Map.of(), "Other", "HYP"), subject(Map.of(), "Alpha"));
    Vocabulary v = Vocabulary.collect(subjects, LabelPolicy.DEFAULT, c -> true);
    assertEquals(List.of("NORM", "MI", "STTC", "CD", "HYP", "Alpha", "Other"), v.superclasses());
    assertEquals(0b1010000, v.superclassMask(subjects.get(0)));
  }
}
