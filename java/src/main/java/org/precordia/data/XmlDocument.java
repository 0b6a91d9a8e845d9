// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads XML files as data and nothing else: a document type is passed over, what it declares is
 * refused where it is used, and no other file is ever opened. Memory stays within a few times the
 * longest text of an element.
 */
final class XmlDocument {
  /** Elements within elements; the formats read here have fewer than 20. */
  private static final int DEEPEST = 64;

  private final Path file;
  private final XmlVisitor visitor;
  private final List<String> path = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private XmlDocument(Path file, XmlVisitor visitor) {
    this.file = file;
    this.visitor = visitor;
  }

  /** Whether a file begins like an XML document with this element in it, whatever its prefix. */
  static boolean begins(byte[] start, String element) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    return isXml(text)
        && Pattern.compile("<([\\w.-]+:)?" + Pattern.quote(element) + "[\\s>]")
            .matcher(text)
            .find();
  }

  /** Whether text begins as XML does, after a byte order mark or blanks. */
  static boolean isXml(String text) {
    return text.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().startsWith("<");
  }

  /**
   * Shows a document to a visitor.
   *
   * @throws DataException when it is not well-formed or uses an entity that it declares
   */
  static void read(Path file, XmlVisitor visitor) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      XMLStreamReader reader = factory.createXMLStreamReader(in);
      new XmlDocument(file, visitor).run(reader);
      reader.close();
    } catch (NoSuchFileException e) {
      throw new DataException(file, 0, "there is no such file", "check the path", e);
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNumber());
      throw new DataException(
          file,
          line,
          "is not well-formed XML: " + String.valueOf(e.getMessage()).lines().toList().getLast(),
          "export the file again",
          e);
    }
  }

  private void run(XMLStreamReader reader) throws XMLStreamException, DataException {
    boolean leaf = false;
    while (reader.hasNext()) {
      int line = Math.max(0, reader.getLocation().getLineNumber());
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (path.size() == DEEPEST) {
            throw new DataException(
                file, line, "elements lie more than " + DEEPEST + " deep", "export the file again");
          }
          path.add(reader.getLocalName());
          visitor.start(path, attributes(reader));
          text.setLength(0);
          leaf = true;
        }
        case XMLStreamConstants.END_ELEMENT -> {
          visitor.end(path, leaf ? text.toString().strip() : "", line);
          path.removeLast();
          leaf = false;
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (leaf) {
            text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
          }
        }
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw new DataException(
                file,
                line,
                "uses the entity \"" + reader.getLocalName() + "\", which is not expanded",
                "export the file without a document type");
        default -> {
          // Comments, processing instructions and the document type say nothing of the recording.
          continue;
        }
      }
    }
  }

  private static Map<String, String> attributes(XMLStreamReader reader) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
    }
    return attributes;
  }
}
