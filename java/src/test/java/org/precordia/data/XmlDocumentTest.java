// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What XML may and may not do to its reader. */
class XmlDocumentTest {
  @TempDir Path folder;

  private final List<String> seen = new ArrayList<>();

  private void read(String text) throws IOException {
    Path file = folder.resolve("x.xml");
    Files.writeString(file, text);
    XmlDocument.read(
        file,
        new XmlVisitor() {
          @Override
          public void start(List<String> path, Map<String, String> attributes) {
            seen.add(String.join("/", path) + attributes);
          }

          @Override
          public void end(List<String> path, String content, int line) {
            seen.add(path.getLast() + "=" + content + "@" + line);
          }
        });
  }

  @Test
  void elementsAttributesAndTextAreShown() throws IOException {
    read("<a:r xmlns:a='u' k='1'>\n<b>1 &lt; <![CDATA[<2>]]></b>\n<!-- no --><c/></a:r>");
    assertEquals(List.of("r{k=1}", "r/b{}", "b=1 < <2>@2", "r/c{}", "c=@3", "r=@3"), seen);
  }

  @Test
  void entitiesAreNotExpanded() throws IOException {
    Path secret = folder.resolve("secret.txt");
    Files.writeString(secret, "password");
    String bomb = "<!ENTITY l0 'lol'>";
    for (int i = 1; i < 10; i++) {
      bomb += "<!ENTITY l" + i + " '" + ("&l" + (i - 1) + ";").repeat(10) + "'>";
    }
    for (String declarations :
        List.of(
            bomb,
            "<!ENTITY l9 'x'>",
            "<!ENTITY l9 SYSTEM '" + secret.toUri() + "'>",
            "<!ENTITY % p SYSTEM '" + secret.toUri() + "'> %p; <!ENTITY l9 '%p;'>")) {
      seen.clear();
      DataException e =
          assertThrows(
              DataException.class,
              () -> read("<!DOCTYPE r [" + declarations + "]>\n<r><b>&l9;</b></r>"));
      assertTrue(e.getMessage().contains("x.xml:2"), e.getMessage());
      assertFalse(seen.toString().contains("lol") || seen.toString().contains("password"));
    }
  }

  @Test
  void aDocumentTypeThatIsNotUsedDoesNotMatterAndNothingIsFetched() throws IOException {
    read("<!DOCTYPE r SYSTEM 'file:///nowhere/at/all.dtd'><r>ok</r>");
    assertTrue(seen.contains("r=ok@1"));
  }

  @Test
  void encodingsAreTheDeclaredOnes() throws IOException {
    Path file = folder.resolve("e.xml");
    for (String name : List.of("ISO-8859-1", "UTF-8", "windows-1252", "UTF-16")) {
      String text = "<?xml version=\"1.0\" encoding=\"" + name + "\"?><r>\u00b5</r>";
      Files.writeString(file, text, Charset.forName(name));
      assertEquals("\u00b5", text(file));
    }
    Files.writeString(file, "\ufeff<r>\u00b5</r>");
    assertEquals("\u00b5", text(file));
    Files.write(file, new byte[] {'<', 'r', '>', (byte) 0xB5, '<', '/', 'r', '>'});
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThrows(DataException.class, () -> text(file));
    } finally {
      System.setErr(err);
    }
    assertEquals("", printed.toString(StandardCharsets.UTF_8));
    Files.writeString(file, "<?xml version='1.0' encoding='klingon'?><r/>");
    DataException e = assertThrows(DataException.class, () -> text(file));
    assertTrue(e.getMessage().contains("unknown encoding \"klingon\""), e.getMessage());
  }

  private static String text(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    XmlDocument.read(
        file,
        new XmlVisitor() {
          @Override
          public void start(List<String> path, Map<String, String> attributes) {
            text.setLength(0);
          }

          @Override
          public void end(List<String> path, String content, int line) {
            text.append(content);
          }
        });
    return text.toString();
  }

  @Test
  void depthIsLimited() {
    DataException e =
        assertThrows(DataException.class, () -> read("<a>".repeat(10_000) + "</a>".repeat(10_000)));
    assertTrue(e.getMessage().contains("more than 64 deep"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<r>", "<r></s>", "<r", "<r a=1/>", "<r>&undeclared;</r>", "<r>\0</r>", ""})
  void whatIsNotWellFormedIsRefused(String text) {
    assertThrows(DataException.class, () -> read(text));
  }

  @Test
  void rootsAreRecognisedWhateverTheirPrefix() {
    for (String text :
        List.of("<R a='1'>", "\u00ef\u00bb\u00bf<?xml?><R>", " \n<x:R\n", "<!DOCTYPE R><R>")) {
      assertTrue(XmlDocument.begins(text.getBytes(StandardCharsets.ISO_8859_1), "R"), text);
    }
    for (String text : List.of("<Root>", "R", "x <R>", "<Q>R")) {
      assertFalse(XmlDocument.begins(text.getBytes(StandardCharsets.ISO_8859_1), "R"), text);
    }
  }
}
