// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
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

  private static final int PROLOG_BYTES = 256;
  private static final String UTF_8_MARK = "\u00ef\u00bb\u00bf";
  private static final Pattern ENCODING =
      Pattern.compile("^<\\?xml[^>]*?encoding\\s*=\\s*[\"']([A-Za-z][\\w.-]*)[\"']");

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
    return text.replaceFirst("^" + UTF_8_MARK, "").stripLeading().startsWith("<");
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
    try (Reader in = open(file)) {
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

  /**
   * Opens a file in its encoding, found as the XML recommendation's appendix F says. The parser
   * would find it too, but prints what it thinks of damaged characters.
   */
  private static Reader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    in.mark(PROLOG_BYTES);
    byte[] start = in.readNBytes(PROLOG_BYTES);
    in.reset();
    String text = new String(start, StandardCharsets.ISO_8859_1);
    Matcher declared = ENCODING.matcher(text);
    String name = StandardCharsets.UTF_8.name();
    if (text.startsWith("\u00fe\u00ff") || text.startsWith("\u00ff\u00fe")) {
      name = StandardCharsets.UTF_16.name();
    } else if (text.startsWith(UTF_8_MARK)) {
      in.skipNBytes(UTF_8_MARK.length());
    } else if (declared.find()) {
      name = declared.group(1);
    }
    try {
      return new InputStreamReader(in, Charset.forName(name).newDecoder());
    } catch (IllegalArgumentException e) {
      in.close();
      throw new DataException(
          file, 1, "has the unknown encoding \"" + name + "\"", "export it as UTF-8", e);
    }
  }

  private void run(XMLStreamReader reader) throws XMLStreamException, DataException {
    boolean leaf = false;
    while (reader.hasNext()) {
      int line = Math.max(0, reader.getLocation().getLineNumber());
      switch (next(reader, line)) {
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

  /**
   * Goes to the next event. The parser has no message for some damage, and fails looking for it.
   */
  private int next(XMLStreamReader reader, int line) throws XMLStreamException, DataException {
    try {
      return reader.next();
    } catch (RuntimeException e) {
      throw new DataException(
          file, line, "is not well-formed XML: " + e.getMessage(), "export the file again", e);
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
