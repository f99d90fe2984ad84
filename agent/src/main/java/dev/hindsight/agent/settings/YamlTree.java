package dev.hindsight.agent.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * A YAML document as nodes that know their line. Refuses what makes YAML surprising: duplicate keys, anchors and aliases,
 * tags, several documents.
 */
final class YamlTree {
    /** Deeper than any section goes; stops nested bombs early. */
    private static final int MAX_DEPTH = 12;

    sealed interface Node {
        int line();
    }

    record Scalar(String text, boolean isNull, int line) implements Node {}

    record Sequence(List<Node> items, int line) implements Node {}

    record Mapping(Map<String, Entry> entries, int line) implements Node {}

    /** @param line of the key */
    record Entry(Node value, int line) {}

    private final String file;
    private final YAMLParser parser;

    private YamlTree(String file, YAMLParser parser) {
        this.file = file;
        this.parser = parser;
    }

    static Mapping parse(String file, String text) {
        YAMLFactory factory = YAMLFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();
        try (YAMLParser parser = factory.createParser(text)) {
            return new YamlTree(file, parser).document();
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    file + ":" + lineOf(e) + ": not valid YAML: " + problemOf(e),
                    "check indentation (spaces, no tabs) and quotes around this line",
                    e);
        } catch (IOException e) {
            throw new UsageException(
                    file + ": cannot be read: " + firstLine(String.valueOf(e.getMessage())),
                    "check the file and its permissions",
                    e);
        }
    }

    private Mapping document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return new Mapping(Map.of(), 1);
        }
        if (first != JsonToken.START_OBJECT) {
            throw refuse(line(), "the file must be a mapping (key: value)", "see docs/OPERATIONS.md for an example");
        }
        Mapping root = mapping();
        if (parser.nextToken() != null) {
            throw refuse(line(), "a second YAML document begins here", "keep one document per file; remove '---'");
        }
        return root;
    }

    private Node node(JsonToken token) throws IOException {
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw refuse(line(), "anchors and aliases are not accepted", "write the value out");
        }
        if (parser.getTypeId() != null) {
            throw refuse(line(), "YAML tags are not accepted", "remove the tag");
        }
        int line = line();
        if (token == JsonToken.START_OBJECT) {
            return mapping();
        }
        if (token == JsonToken.START_ARRAY) {
            List<Node> items = new ArrayList<>();
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(node(next));
            }
            return new Sequence(List.copyOf(items), line);
        }
        return new Scalar(parser.getText(), token == JsonToken.VALUE_NULL, line);
    }

    private Mapping mapping() throws IOException {
        int line = line();
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_OBJECT; next = parser.nextToken()) {
            String key = parser.currentName();
            int keyLine = line();
            Entry before = entries.get(key);
            if (before != null) {
                throw refuse(
                        keyLine,
                        "key '" + key + "' is given twice (first on line " + before.line() + ")",
                        "keep one of them");
            }
            entries.put(key, new Entry(node(parser.nextToken()), keyLine));
        }
        return new Mapping(entries, line);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private UsageException refuse(int line, String what, String hint) {
        return new UsageException(file + ":" + line + ": " + what, hint);
    }

    private static int lineOf(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return marked.getProblemMark().getLine() + 1;
        }
        return e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
    }

    private static String problemOf(JsonProcessingException e) {
        return firstLine(
                e.getCause() instanceof MarkedYAMLException marked ? marked.getProblem() : e.getOriginalMessage());
    }

    private static String firstLine(@Nullable String message) {
        String text = message == null ? "" : message;
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
