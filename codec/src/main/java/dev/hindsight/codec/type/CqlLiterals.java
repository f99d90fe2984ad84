package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads CQL literals to the bytes that Cassandra makes of them: the other way round than {@link CqlText}. Every type that a
 * primary key can have; frozen collections are sorted and without doubles, as Cassandra stores them. Values that depend on
 * where they are read (a timestamp without a zone) are refused, so are functions. One thread, one text.
 *
 * <p>Failures: {@link MalformedException}, whose message says what was expected and what is there instead.
 *
 * <p>Source: {@code Lexer.g}, {@code Constants.Literal}, {@code Lists}, {@code Sets}, {@code Maps}, {@code Tuples} and {@code
 * UserTypes} 5.0.9.
 */
public final class CqlLiterals {
    /** Far more than any type has; each level is a few stack frames. */
    private static final int MAX_DEPTH = 200;

    private final String text;
    private int at;
    private int depth;

    /** @param text in which literals are, from the beginning */
    public CqlLiterals(String text) {
        this.text = text;
    }

    /** All of the text is one literal. */
    public static byte[] parse(CassandraType type, String text) {
        CqlLiterals literals = new CqlLiterals(text);
        byte[] value = literals.next(type);
        if (!literals.isAtEnd()) {
            throw new MalformedException("behind the value stands " + literals.rest());
        }
        return value;
    }

    /** Reads one literal, which must not be null, and goes behind it. */
    public byte[] next(CassandraType type) {
        return value(type)
                .orElseThrow(() -> new MalformedException("null is no " + CqlTypeNames.of(type) + " of a key"));
    }

    public boolean isAtEnd() {
        skipBlank();
        return at == text.length();
    }

    /** What was not read yet, for messages. */
    public String rest() {
        String rest = text.substring(at);
        return rest.length() <= 60 ? "[" + rest + "]" : "[" + rest.substring(0, 60) + "...]";
    }

    /** Goes behind the symbol if it comes next. */
    public boolean isNext(char symbol) {
        skipBlank();
        if (at < text.length() && text.charAt(at) == symbol) {
            at++;
            return true;
        }
        return false;
    }

    /** Goes behind the keyword if it comes next, in whatever case. */
    public boolean isNextWord(String keyword) {
        skipBlank();
        int end = at + keyword.length();
        boolean is = text.regionMatches(true, at, keyword, 0, keyword.length())
                && (end == text.length() || !isWordPart(text.charAt(end)));
        at = is ? end : at;
        return is;
    }

    /** An identifier as Cassandra stores it: unquoted ones in lower case. */
    public String name() {
        skipBlank();
        if (at < text.length() && text.charAt(at) == '"') {
            return quoted('"');
        }
        int from = at;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
        }
        if (from == at || text.charAt(from) >= '0' && text.charAt(from) <= '9') {
            at = from;
            throw new MalformedException("a name is expected where " + rest() + " stands");
        }
        return text.substring(from, at).toLowerCase(Locale.ROOT);
    }

    private static boolean isWordPart(char c) {
        return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private Optional<byte[]> value(CassandraType type) {
        if (++depth > MAX_DEPTH) {
            throw new MalformedException("a value is nested more than " + MAX_DEPTH + " levels deep");
        }
        Optional<byte[]> out = isNextWord("null") ? Optional.empty() : Optional.of(present(type));
        depth--;
        return out;
    }

    private byte[] present(CassandraType type) {
        if (type instanceof ReversedType reversed) {
            return present(reversed.base());
        }
        if (type instanceof CollectionType collection) {
            return collection(collection);
        }
        if (type instanceof UserType user) {
            return fields(user);
        }
        if (type instanceof TupleType tuple) {
            return tuple(tuple);
        }
        if (type instanceof VectorType vector) {
            return vector(vector);
        }
        skipBlank();
        if (text.startsWith("'", at)) {
            return NativeLiterals.ofString(type, quoted('\''));
        }
        if (text.startsWith("$$", at)) {
            int end = text.indexOf("$$", at + 2);
            if (end < 0) {
                throw new MalformedException("nothing ends the text that begins with " + rest());
            }
            String inside = text.substring(at + 2, end);
            at = end + 2;
            return NativeLiterals.ofString(type, inside);
        }
        int from = at;
        while (at < text.length() && (isWordPart(text.charAt(at)) || ".+-".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (from == at) {
            throw new MalformedException("a " + CqlTypeNames.of(type) + " is expected where "
                    + (isAtEnd() ? "nothing" : rest()) + " stands");
        }
        return NativeLiterals.ofWord(type, text.substring(from, at));
    }

    private byte[] collection(CollectionType type) {
        char open = type.showsPaths() ? '{' : '[';
        char close = type.showsPaths() ? '}' : ']';
        expect(open, type);
        List<byte[]> parts = new ArrayList<>();
        if (type.isMap()) {
            TreeMap<byte[], byte[]> sorted = sorted(type.partType(0));
            while (!isEnd(close, sorted.isEmpty(), type)) {
                byte[] key = next(type.partType(0));
                expect(':', type);
                if (sorted.put(key, next(type.partType(1))) != null) {
                    throw new MalformedException("a map has a key twice");
                }
            }
            sorted.forEach((key, value) -> {
                parts.add(key);
                parts.add(value);
            });
        } else if (type.showsPaths()) {
            TreeMap<byte[], byte[]> sorted = sorted(type.partType(0));
            while (!isEnd(close, sorted.isEmpty(), type)) {
                byte[] element = next(type.partType(0));
                byte[] same = sorted.put(element, element);
                if (same != null && !Arrays.equals(same, element)) {
                    // Of elements that only compare equal, which one Cassandra takes is left to chance.
                    throw new MalformedException("a set has an element twice");
                }
            }
            parts.addAll(sorted.keySet());
        } else {
            while (!isEnd(close, parts.isEmpty(), type)) {
                parts.add(next(type.partType(0)));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        putInt(out, parts.size() / (type.isMap() ? 2 : 1));
        parts.forEach(part -> put(out, part));
        return out.toByteArray();
    }

    private static TreeMap<byte[], byte[]> sorted(CassandraType type) {
        return new TreeMap<>((left, right) -> type.compare(left, 0, left.length, right, 0, right.length));
    }

    private byte[] tuple(TupleType type) {
        expect('(', type);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int fields = 0;
        while (!isEnd(')', fields == 0, type)) {
            if (fields == type.fieldTypes().size()) {
                throw new MalformedException("a " + CqlTypeNames.of(type) + " has no more than " + fields + " fields");
            }
            putField(out, value(type.fieldTypes().get(fields)));
            fields++;
        }
        return out.toByteArray();
    }

    private byte[] fields(UserType type) {
        expect('{', type);
        Map<String, Optional<byte[]>> given = new HashMap<>();
        while (!isEnd('}', given.isEmpty(), type)) {
            String name = name();
            int field = type.fieldNames().indexOf(name);
            if (field < 0) {
                throw new MalformedException(
                        "a " + CqlTypeNames.of(type) + " has no field " + name + " but " + type.fieldNames());
            }
            expect(':', type);
            given.put(name, value(type.fieldTypes().get(field)));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        type.fieldNames().forEach(name -> putField(out, given.getOrDefault(name, Optional.empty())));
        return out.toByteArray();
    }

    private byte[] vector(VectorType type) {
        expect('[', type);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int elements = 0;
        while (!isEnd(']', elements == 0, type)) {
            byte[] element = next(type.elementType());
            if (type.elementType().fixedLength() < 0) {
                byte[] length = new byte[VInts.MAX_LENGTH];
                out.write(length, 0, VInts.putUnsigned(length, 0, element.length));
            }
            out.write(element, 0, element.length);
            elements++;
        }
        if (elements != type.dimension()) {
            throw new MalformedException(
                    "a " + CqlTypeNames.of(type) + " has " + type.dimension() + " elements, not " + elements);
        }
        return out.toByteArray();
    }

    /** Whether the closing symbol comes; else goes behind the comma that has to be between elements. */
    private boolean isEnd(char close, boolean first, CassandraType type) {
        if (isNext(close)) {
            return true;
        }
        if (!first) {
            expect(',', type);
        }
        return false;
    }

    private void expect(char symbol, CassandraType type) {
        if (!isNext(symbol)) {
            throw new MalformedException("in a " + CqlTypeNames.of(type) + ", '" + symbol + "' is expected where "
                    + (isAtEnd() ? "nothing" : rest()) + " stands");
        }
    }

    private String quoted(char quote) {
        StringBuilder out = new StringBuilder();
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                if (!text.startsWith(String.valueOf(quote), i + 1)) {
                    at = i + 1;
                    return out.toString();
                }
                i++;
            }
            out.append(c);
        }
        throw new MalformedException("nothing ends the text that begins with " + rest());
    }

    private void skipBlank() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private static void putField(ByteArrayOutputStream out, Optional<byte[]> value) {
        value.ifPresentOrElse(bytes -> put(out, bytes), () -> putInt(out, -1));
    }

    private static void put(ByteArrayOutputStream out, byte[] part) {
        putInt(out, part.length);
        out.write(part, 0, part.length);
    }

    private static void putInt(ByteArrayOutputStream out, int value) {
        out.write(ByteBuffer.allocate(4).putInt(value).array(), 0, 4);
    }
}
