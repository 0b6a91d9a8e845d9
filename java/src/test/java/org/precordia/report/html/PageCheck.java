// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What every page of ours must be, whatever it reports; without a browser. */
public final class PageCheck {
  private static final List<String> REFERENCES = List.of("aria-labelledby", "for", "href");
  private static final Set<String> LOADING =
      Set.of("link", "img", "iframe", "object", "embed", "audio", "video", "use", "image", "base");

  private final Document document;
  private final List<Element> elements = new ArrayList<>();

  private PageCheck(Document document) {
    this.document = document;
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      elements.add((Element) all.item(i));
    }
  }

  /** Checks a page and returns it parsed. */
  public static Document check(String html) {
    assertTrue(html.startsWith("<!DOCTYPE html>\n"), "a page is HTML in standards mode");
    PageCheck page = new PageCheck(parse(html));
    page.identifiers();
    page.headings();
    page.selfContained();
    page.labels();
    page.tables();
    page.drawings();
    page.policy(html);
    return page.document;
  }

  private static Document parse(String html) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
      factory.setExpandEntityReferences(false);
      return factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    } catch (Exception e) {
      throw new AssertionError("the page is not well-formed: " + e.getMessage(), e);
    }
  }

  /** Identifiers are unique, and what refers to one finds it. */
  private void identifiers() {
    Set<String> ids = new HashSet<>();
    for (Element element : elements) {
      String id = element.getAttribute("id");
      if (!id.isEmpty()) {
        assertTrue(ids.add(id), "two elements are called " + id);
        assertFalse(id.matches(".*\\s.*"), "an identifier with a blank: " + id);
      }
    }
    for (Element element : elements) {
      for (String name : REFERENCES) {
        for (String reference : element.getAttribute(name).split(" ")) {
          String id = reference.startsWith("#") ? reference.substring(1) : reference;
          if (!id.isEmpty()) {
            assertTrue(ids.contains(id), name + " refers to " + id + ", which is not there");
          }
        }
      }
    }
  }

  /** One first heading, and no level left out. */
  private void headings() {
    int last = 0;
    int first = 0;
    for (Element element : elements) {
      if (element.getTagName().matches("h[1-6]")) {
        int level = element.getTagName().charAt(1) - '0';
        assertTrue(level <= last + 1, "heading '" + element.getTextContent() + "' skips a level");
        assertFalse(element.getTextContent().isBlank(), "an empty heading");
        first += level == 1 ? 1 : 0;
        last = level;
      }
    }
    assertEquals(1, first, "headings of the first level");
  }

  /** Nothing is loaded, and nothing is styled or scripted outside the two blocks of the page. */
  private void selfContained() {
    for (Element element : elements) {
      assertFalse(
          LOADING.contains(element.getTagName()), element.getTagName() + " loads something");
      assertTrue(element.getAttribute("src").isEmpty(), "something is loaded by src");
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        Node attribute = element.getAttributes().item(i);
        assertFalse(attribute.getNodeName().startsWith("on"), "a handler in an attribute");
        assertFalse(attribute.getNodeName().equals("style"), "a style in an attribute");
        boolean namespace = attribute.getNodeName().startsWith("xmlns");
        assertTrue(
            namespace || !attribute.getNodeValue().matches("(?s).*(https?:)?//.*"),
            attribute + " names a place elsewhere");
      }
    }
    String style = only("style").getTextContent();
    assertFalse(style.contains("url(") || style.contains("@import"), "the style loads something");
    assertEquals(1, named("script").size(), "scripts");
  }

  private void labels() {
    for (Element input : named("input")) {
      String id = input.getAttribute("id");
      assertTrue(
          named("label").stream().anyMatch(label -> label.getAttribute("for").equals(id)),
          "input " + id + " has no label");
    }
    for (Element button : named("button")) {
      boolean named =
          !button.getAttribute("aria-label").isBlank() || !button.getTextContent().isBlank();
      assertTrue(named, "a button without a name");
      assertEquals("button", button.getAttribute("type"));
    }
    assertEquals("en", document.getDocumentElement().getAttribute("lang"));
    for (String landmark : List.of("header", "nav", "main", "footer")) {
      assertEquals(1, named(landmark).size(), landmark);
    }
  }

  private void tables() {
    for (Element table : named("table")) {
      assertEquals(1, table.getElementsByTagName("caption").getLength(), "captions of a table");
      int columns = -1;
      NodeList rows = table.getElementsByTagName("tr");
      for (int r = 0; r < rows.getLength(); r++) {
        Element row = (Element) rows.item(r);
        NodeList headers = row.getElementsByTagName("th");
        assertTrue(headers.getLength() > 0, "a row without a header");
        for (int h = 0; h < headers.getLength(); h++) {
          String scope = ((Element) headers.item(h)).getAttribute("scope");
          assertEquals(r == 0 ? "col" : "row", scope, "scope of a header");
        }
        int cells = headers.getLength() + row.getElementsByTagName("td").getLength();
        assertTrue(columns < 0 || columns == cells, "rows of different lengths");
        columns = cells;
      }
    }
  }

  /** Every drawing is named and described, or hidden from those who do not see it. */
  private void drawings() {
    for (Element svg : named("svg")) {
      if (!svg.getAttribute("aria-hidden").equals("true")) {
        assertEquals("img", svg.getAttribute("role"));
        assertTrue(svg.getElementsByTagName("title").getLength() > 0, "a drawing without title");
        assertEquals(1, svg.getElementsByTagName("desc").getLength(), "descriptions of a drawing");
        assertFalse(svg.getAttribute("aria-labelledby").isEmpty());
      }
    }
    for (Element path : named("path")) {
      assertFalse(path.getAttribute("d").contains("NaN"), "a path to nowhere");
    }
  }

  /** The policy admits the style and the script of the page, and nothing else. */
  private void policy(String html) {
    String policy =
        named("meta").stream()
            .filter(meta -> meta.getAttribute("http-equiv").equals("Content-Security-Policy"))
            .map(meta -> meta.getAttribute("content"))
            .findFirst()
            .orElseThrow();
    assertTrue(policy.startsWith("default-src 'none';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertTrue(policy.contains("style-src '" + hash(between(html, "<style>", "</style>")) + "'"));
    assertTrue(
        policy.contains("script-src '" + hash(between(html, "<script>", "</script>")) + "'"));
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private Element only(String tag) {
    assertEquals(1, named(tag).size(), tag);
    return named(tag).getFirst();
  }

  private List<Element> named(String tag) {
    return elements.stream().filter(element -> element.getTagName().equals(tag)).toList();
  }
}
