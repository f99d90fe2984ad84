package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads the class names with which Statistics.db names types. Versions 4.0 to 5.0 write them alike.
 *
 * <pre>
 *   type   = name | name '(' type { ',' type } ')' | 'UserType(' keyspace ',' hex { ',' hex ':' type } ')'
 *          | 'VectorType(' type ',' dimension ')' | name '(' [ 'reversed=' true|false ] ')'
 * </pre>
 * Names without a package are of {@code org.apache.cassandra.db.marshal}; blanks may stand around everything.
 *
 * <p>Source: {@code TypeParser} 5.0.9.
 */
public final class TypeNames {
    /** Far more than any schema has; each level is a few stack frames. */
    private static final int MAX_DEPTH = 200;

    private final String text;
    private int at;
    private int depth;

    private TypeNames(String text) {
        this.text = text;
    }

    /**
     * @throws MalformedException this is no class name with parameters
     * @throws UnsupportedException a class that is not one of Cassandra's, or that CQL tables cannot have; names it
     */
    public static CassandraType parse(String className) {
        TypeNames names = new TypeNames(className);
        CassandraType type = names.type();
        names.skipBlank();
        if (names.at < className.length()) {
            throw names.unexpected();
        }
        return type;
    }

    private CassandraType type() {
        if (++depth > MAX_DEPTH) {
            throw new MalformedException(
                    "a type name is nested more than " + MAX_DEPTH + " levels deep: [" + shown() + "]");
        }
        String name = identifier();
        String simple = name.startsWith(NativeTypes.PACKAGE) ? name.substring(NativeTypes.PACKAGE.length()) : name;
        CassandraType type = type(simple);
        depth--;
        return type;
    }

    private CassandraType type(String simple) {
        switch (simple) {
            case "ListType":
                return CollectionType.list(only(simple).freeze());
            case "SetType":
                return CollectionType.set(only(simple).freeze());
            case "MapType":
                List<CassandraType> pair = types();
                requireCount(simple, pair, 2);
                return CollectionType.map(pair.get(0).freeze(), pair.get(1).freeze());
            case "FrozenType":
                return only(simple).freeze();
            case "ReversedType":
                return new ReversedType(only(simple));
            case "TupleType":
                return new TupleType(types());
            case "CompositeType":
                List<CassandraType> parts = types();
                if (parts.isEmpty()) {
                    throw new MalformedException("a CompositeType without components in [" + shown() + "]");
                }
                return new CompositeType(parts);
            case "VectorType":
                return vector();
            case "UserType":
                return userType();
            default:
                CassandraType plain = NativeTypes.findByClassName(NativeTypes.PACKAGE + simple)
                        .orElseThrow(() -> new UnsupportedException(
                                "type " + simple + " of [" + shown() + "] is not supported",
                                "tables with custom or DynamicComposite types cannot be backed up"));
                return isReversedByParameter() ? new ReversedType(plain) : plain;
        }
    }

    private CassandraType only(String name) {
        List<CassandraType> types = types();
        requireCount(name, types, 1);
        return types.get(0);
    }

    private void requireCount(String name, List<CassandraType> types, int count) {
        if (types.size() != count) {
            throw new MalformedException(
                    name + " with " + types.size() + " instead of " + count + " parameters in [" + shown() + "]");
        }
    }

    private List<CassandraType> types() {
        List<CassandraType> out = new ArrayList<>();
        expect('(');
        while (!isNext(')')) {
            if (!out.isEmpty()) {
                expect(',');
            }
            out.add(type());
        }
        return out;
    }

    private CassandraType vector() {
        expect('(');
        CassandraType elements = type().freeze();
        expect(',');
        String dimension = identifier();
        expect(')');
        try {
            return new VectorType(elements, Integer.parseInt(dimension));
        } catch (NumberFormatException e) {
            throw new MalformedException("a vector's dimension is " + dimension + " in [" + shown() + "]", e);
        }
    }

    private CassandraType userType() {
        expect('(');
        String keyspace = identifier();
        expect(',');
        String name = hex();
        List<UserType.Field> fields = new ArrayList<>();
        while (!isNext(')')) {
            expect(',');
            String field = hex();
            expect(':');
            fields.add(new UserType.Field(field, type()));
        }
        return new UserType(keyspace, name, fields, true);
    }

    /** As tables of the days before CQL have it. */
    private boolean isReversedByParameter() {
        if (!isNext('(')) {
            return false;
        }
        boolean reversed = false;
        while (!isNext(')')) {
            String key = identifier();
            String value = isNext('=') ? identifier() : "";
            reversed |= key.equals("reversed") && (value.isEmpty() || value.equals("true"));
            isNext(',');
        }
        return reversed;
    }

    /** May be of no bytes. */
    private String hex() {
        String word = word();
        if (word.length() % 2 != 0 || !word.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
            throw new MalformedException("a name is not in hexadecimal: " + word + " in [" + shown() + "]");
        }
        return word.toLowerCase(Locale.ROOT);
    }

    private String identifier() {
        String word = word();
        if (word.isEmpty()) {
            throw unexpected();
        }
        return word;
    }

    private String word() {
        skipBlank();
        int from = at;
        while (at < text.length() && isIdentifier(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at);
    }

    private static boolean isIdentifier(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || "-+._&".indexOf(c) >= 0;
    }

    private void expect(char c) {
        if (!isNext(c)) {
            throw unexpected();
        }
    }

    /** Goes behind it if so. */
    private boolean isNext(char c) {
        skipBlank();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlank() {
        while (at < text.length() && " \t\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private MalformedException unexpected() {
        return new MalformedException("no type name: [" + shown() + "] is not understood at character " + at);
    }

    private String shown() {
        return text.length() <= 1000 ? text : text.substring(0, 1000) + "...";
    }
}
