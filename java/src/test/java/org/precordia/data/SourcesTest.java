// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcesTest {
  @TempDir Path folder;

  private Path write(String file, String... lines) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, String.join("\n", lines) + "\n");
  }

  private void record(String path, double rate, int length, String... comments) throws IOException {
    Path file = folder.resolve(path);
    Recording beats = MemorySource.beats(file.getFileName().toString(), rate, length, 1);
    Wfdb.write(
        new Recording(beats.name(), rate, beats.leads(), beats.millivolts(), List.of(comments)),
        file.getParent());
  }

  // PTB-XL
  // -----------------------------------------------------------------------------------------

  private void statements() throws IOException {
    write(
        "scp_statements.csv",
        ",description,diagnostic,form,rhythm,diagnostic_class",
        "NORM,normal,1.0,,,NORM",
        "IMI,\"inferior, MI\",1.0,,,MI",
        "NDT,T,1.0,1.0,,STTC",
        "ABQRS,QRS,,1.0,,",
        "SR,sinus,,,1.0,");
  }

  private void database(String... rows) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("ecg_id,patient_id,age,sex,report,scp_codes,strat_fold,filename_lr,filename_hr");
    lines.addAll(List.of(rows));
    write("ptbxl_database.csv", lines.toArray(String[]::new));
  }

  @Test
  void ptbXlIsReadInItsOwnLayout() throws IOException {
    statements();
    database(
        "1,15709.0,56.0,1,\"a, b\",\"{'NORM': 100.0, 'SR': 0.0}\",3,records100/a,records500/a",
        "2,99,300.0,0,\"line one",
        "line two\",\"{'IMI': 35.0, 'NDT': 0.0, 'ABQRS': 100.0}\",10,records100/b,records500/b",
        "3,99,,,,{},10,records100/c,records500/c");
    write("row_provenance.csv", "ecg_id,source,kind", "1,x,verbatim-but-cut", "2,x,rebuilt");
    record("records100/a", 100, 1000);
    record("records100/b", 100, 1000);
    record("records500/b", 500, 5000);
    PtbXl source = PtbXl.open(folder, 100);
    assertEquals(2, source.size());
    assertEquals("1", source.id(0));
    assertEquals(
        new Subject(
            "15709",
            3,
            56,
            Subject.Sex.FEMALE,
            Map.of("NORM", 100.0, "SR", 0.0),
            Set.of("NORM"),
            true),
        source.subject(0));
    Subject second = source.subject(1);
    assertEquals(90, second.age());
    assertEquals(Subject.Sex.MALE, second.sex());
    assertEquals(Set.of("MI", "STTC"), second.superclasses());
    assertFalse(second.labelsVerbatim());
    assertTrue(source.isDiagnostic("NDT"));
    assertFalse(source.isDiagnostic("ABQRS"));
    assertTrue(source.notes().stream().anyMatch(n -> n.startsWith("1 rows of the table")));
    assertEquals(1000, source.read(1).length());
    PtbXl fast = PtbXl.open(folder, 500);
    assertEquals(1, fast.size());
    assertEquals(500, fast.read(0).rate());
    assertThrows(IllegalArgumentException.class, () -> PtbXl.open(folder, 250));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,9,50,1,,{},11,a,a | 2 | column \"strat_fold\" \"11\" is no fold",
        "1,9,50,1,,{},,a,a | 2 | is no fold",
        "1,9,old,1,,{},1,a,a | 2 | column \"age\" \"old\" is not a number",
        "1,,50,1,,{},1,a,a | 2 | column \"patient_id\" is empty",
        "1,9,50,1,,NORM,1,a,a | 2 | column \"scp_codes\" \"NORM\" is not a dictionary",
        "1,9,50,1,,{'NORM' 100},1,a,a | 2 | is not 'CODE': likelihood",
        "1,9,50,1,,{'NORM': 1.2.3},1,a,a | 2 | likelihood \"1.2.3\"",
        "1,9,50,1,,{},1,a,a | 1 | none of the records at 100 Hz"
      })
  void ptbXlNamesLineAndColumn(String row, int line, String problem) throws IOException {
    statements();
    database(row);
    DataException e = assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
    assertTrue(line == 1 || e.line() == line, e.getMessage());
  }

  @Test
  void ptbXlNeedsItsTablesAndColumns() throws IOException {
    assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    statements();
    DataException e = assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    assertTrue(e.getMessage().contains("ptbxl_database.csv: there is no such file"));
    write("ptbxl_database.csv", "ecg_id,patient_id", "1,2");
    e = assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    assertTrue(e.getMessage().contains("has no column \"age\""), e.getMessage());
    database("1,9,50,1,,{},1,a,a", "1,9,50,1,,{},1,a,a");
    e = assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    assertTrue(e.getMessage().contains(":3: column \"ecg_id\" 1 occurs twice"), e.getMessage());
    database("1,9,50,1,,{},1,a,a,extra,cells");
    e = assertThrows(DataException.class, () -> PtbXl.open(folder, 100));
    assertTrue(e.getMessage().contains("is not a CSV file"), e.getMessage());
  }

  @Test
  void scpCodesAreAPythonDictionary() {
    assertEquals(Map.of(), ScpCodes.parse(" { } "));
    assertEquals(
        Map.of("LAO/LAE", 50.0, "PRC(S)", 1e2),
        ScpCodes.parse("{\"LAO/LAE\": 50, 'PRC(S)' :1e2,}"));
    assertThrows(IllegalArgumentException.class, () -> ScpCodes.parse("{'A': 1 'B': 2}"));
    assertThrows(IllegalArgumentException.class, () -> ScpCodes.parse("{'A\": 1}"));
    assertThrows(IllegalArgumentException.class, () -> ScpCodes.parse("{'A': None}"));
  }

  // PTB Diagnostic
  // ---------------------------------------------------------------------------------

  @Test
  void ptbDiagnosticIsATreeOfPatients() throws IOException {
    String[] reasons = {
      "Myocardial infarction", "Healthy control", "n/a", "Valvular heart disease"
    };
    for (int i = 0; i < reasons.length; i++) {
      record(
          "patient00" + (i + 1) + "/s00" + i,
          1000,
          12_000,
          "age: 6" + i,
          "sex: female",
          "Reason for admission: " + reasons[i]);
    }
    record("flat_1", 1000, 3000, "Source: record ptbdb/patient131/s0273lre", "Dx: 164873001,1");
    PtbDiagnostic source = PtbDiagnostic.open(folder);
    assertEquals(5, source.size());
    assertEquals("flat_1", source.id(0));
    assertEquals("patient131", source.subject(0).patient());
    assertEquals(Set.of("HYP"), source.subject(0).superclasses());
    assertEquals(3000, source.read(0).length());
    assertEquals("patient001/s000", source.id(1));
    assertEquals("patient001", source.subject(1).patient());
    assertEquals(0, source.subject(1).fold());
    assertEquals(60, source.subject(1).age());
    assertEquals(Map.of("Myocardial infarction", 100.0), source.subject(1).codes());
    assertEquals(Set.of("MI"), source.subject(1).superclasses());
    assertEquals(Set.of("NORM"), source.subject(2).superclasses());
    assertEquals(Map.of(), source.subject(3).codes());
    assertEquals(Set.of(), source.subject(4).superclasses());
    assertTrue(source.isDiagnostic("Valvular heart disease"));
    assertFalse(source.isDiagnostic("SCT1"));
    assertEquals(10_000, source.read(1).length());
  }

  @Test
  void foldersWithoutRecordsAreRefused() throws IOException {
    assertThrows(DataException.class, () -> PtbDiagnostic.open(folder));
    assertThrows(DataException.class, () -> Challenge.open(folder.resolve("absent")));
  }

  // Challenges
  // -------------------------------------------------------------------------------------

  @Test
  void challengeDiagnosesBecomeStatementCodes() throws IOException {
    record("g1/A1", 500, 5000, "Age: NaN", "Sex: Male", "Dx: 164909002,426783006, 999");
    record("g2/A2", 500, 5000, "Age: 61", "Sex: F", "Dx: 233917008,164865005");
    write("g2/broken.hea", "broken 12 500 5000");
    Challenge source = Challenge.open(folder);
    assertEquals(3, source.size());
    assertEquals("g1/A1", source.id(0));
    Subject a = source.subject(0);
    assertEquals(Map.of("CLBBB", 100.0, "SR", 100.0, "SCT999", 100.0), a.codes());
    assertEquals(Set.of("CD"), a.superclasses());
    assertTrue(Double.isNaN(a.age()));
    assertEquals(Subject.Sex.MALE, a.sex());
    Subject b = source.subject(1);
    assertEquals(Set.of("SCT233917008", "SCT164865005"), b.codes().keySet());
    assertEquals(Set.of("CD", "MI"), b.superclasses());
    assertEquals(61, b.age());
    assertNotEquals(a.patient(), b.patient());
    assertTrue(source.isDiagnostic("SCT233917008"));
    assertFalse(source.isDiagnostic("SR"));
    assertFalse(source.isDiagnostic("SCT999"));
    assertEquals(5000, source.read(1).length());
    assertThrows(DataException.class, () -> source.read(2));
  }

  @Test
  void snomedTableIsSound() throws IOException {
    Path table = folder.resolve("snomed.csv");
    try (var in = SnomedCodes.class.getResourceAsStream("snomed.csv")) {
      Files.copy(in, table);
    }
    Set<String> concepts = new HashSet<>();
    for (CsvTable.Row row :
        CsvTable.read(table, "snomed", "code", "superclass", "diagnostic", "meaning").rows()) {
      assertTrue(row.required("snomed").matches("\\d{6,}"), row.text("snomed"));
      assertTrue(concepts.add(row.text("snomed")), row.text("snomed"));
      boolean diagnostic = row.number("diagnostic") == 1;
      assertEquals(diagnostic, !row.text("superclass").isEmpty(), row.text("meaning"));
      if (diagnostic) {
        assertTrue(Vocabulary.STANDARD_SUPERCLASSES.contains(row.text("superclass")));
      } else {
        assertFalse(row.text("code").isEmpty());
      }
    }
  }

  // Own tables
  // -------------------------------------------------------------------------------------

  @Test
  void ownTableGivesPatientsFoldsAndLabels() throws IOException {
    record("sub/x1", 250, 2500);
    Path table =
        write(
            "t.csv",
            "\ufeffrecord,patient,fold,labels,age,sex,superclasses",
            "sub/x1.hea,p1,3,MI;IMI:80; NDT:0,61,F,STTC;Other",
            "sub/x2,p1,3,,,,");
    OwnTable source = OwnTable.open(folder, table, 1);
    assertEquals(2, source.size());
    assertEquals("sub/x1", source.id(0));
    assertEquals(
        new Subject(
            "p1",
            3,
            61,
            Subject.Sex.FEMALE,
            Map.of("MI", 100.0, "IMI", 80.0, "NDT", 0.0),
            Set.of("MI", "STTC", "Other"),
            true),
        source.subject(0));
    assertEquals(Map.of(), source.subject(1).codes());
    assertEquals(2500, source.read(0).length());
    assertThrows(DataException.class, () -> source.read(1));
    assertEquals(List.of(), source.notes());
  }

  @Test
  void foldsAreDrawnByPatientAndSeed() throws IOException {
    List<String> lines = new ArrayList<>(List.of("record,patient"));
    for (int i = 0; i < 60; i++) {
      lines.add("r" + i + ",p" + i / 3);
    }
    Path table = write("t.csv", lines.toArray(String[]::new));
    List<Integer> first = folds(OwnTable.open(folder, table, 7));
    for (int i = 0; i < 60; i++) {
      assertEquals(first.get(i / 3 * 3), first.get(i));
    }
    for (int fold = 1; fold <= 10; fold++) {
      int wanted = fold;
      assertEquals(6, first.stream().filter(f -> f == wanted).count());
    }
    assertEquals(first, folds(OwnTable.open(folder, table, 7)));
    assertNotEquals(first, folds(OwnTable.open(folder, table, 8)));
    assertEquals(
        List.of("folds were drawn by patient with seed 7"),
        OwnTable.open(folder, table, 7).notes());
  }

  private static List<Integer> folds(OwnTable source) {
    List<Integer> folds = new ArrayList<>();
    for (int i = 0; i < source.size(); i++) {
      folds.add(source.subject(i).fold());
    }
    return folds;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x,p1,0,,, | 3 | column \"fold\" \"0\" is no fold",
        "x,p1,2.5,,, | 3 | is no fold",
        "x,p0,2,,, | 3 | puts patient p0 into fold 2, an earlier row into 1",
        "r,p0,1,,, | 3 | column \"record\" lists r again",
        "../x,p1,1,,, | 3 | leads outside the folder",
        "/etc/x,p1,1,,, | 3 | leads outside the folder",
        ",p1,1,,, | 3 | column \"record\" is empty",
        "x,,1,,, | 3 | column \"patient\" is empty",
        "x,p1,1,MI:often,, | 3 | column \"labels\" has the likelihood \"often\"",
        "x,p1,1,MI:101,, | 3 | likelihood \"101\"",
        "x,p1,1,,-4, | 3 | column \"age\" -4 is no age",
        "x,p1,1,,,other | 3 | column \"sex\" \"other\""
      })
  void ownTableNamesLineAndColumn(String row, int line, String problem) throws IOException {
    Path table = write("t.csv", "record,patient,fold,labels,age,sex", "r,p0,1,,,", row);
    DataException e = assertThrows(DataException.class, () -> OwnTable.open(folder, table, 1));
    assertEquals(line, e.line(), e.getMessage());
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @Test
  void ownTableNeedsRecordsAndTheirFolder() throws IOException {
    Path table = write("t.csv", "record");
    assertThrows(DataException.class, () -> OwnTable.open(folder, table, 1));
    Path other = write("u.csv", "file", "a");
    assertThrows(DataException.class, () -> OwnTable.open(folder, other, 1));
    assertThrows(DataException.class, () -> OwnTable.open(folder.resolve("no"), table, 1));
  }
}
