package dev.hindsight.codec.schema;

import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CollectionType;
import dev.hindsight.codec.type.NativeTypes;
import dev.hindsight.codec.type.TupleType;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.codec.type.UserType;
import dev.hindsight.codec.type.VectorType;
import dev.hindsight.model.schema.CqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one type as CQL writes it: {@code map<text, frozen<ks.address>>}.
 *
 * <p>Source: {@code CQL3Type.Raw} 5.0.9, which decides what is frozen by itself.
 */
final class CqlTypes {
    private static final int MAX_DEPTH = 200;

    private final List<CqlToken> tokens;
    private final Map<String, UserType> userTypes;
    private int at;
    private int depth;

    private CqlTypes(List<CqlToken> tokens, Map<String, UserType> userTypes) {
        this.tokens = tokens;
        this.userTypes = userTypes;
    }

    /**
     * @param tokens the type's, all of them
     * @param userTypes by name
     * @throws IllegalArgumentException they are no type, or one that is not defined
     */
    static CassandraType parse(List<CqlToken> tokens, Map<String, UserType> userTypes) {
        CqlTypes types = new CqlTypes(tokens, userTypes);
        CassandraType type = types.type();
        if (types.at < tokens.size()) {
            throw types.notUnderstood();
        }
        return type;
    }

    private CassandraType type() {
        if (++depth > MAX_DEPTH) {
            throw new IllegalArgumentException("a type is nested more than " + MAX_DEPTH + " levels deep");
        }
        CassandraType type = type(next());
        depth--;
        return type;
    }

    private CassandraType type(CqlToken token) {
        if (token.kind() == CqlToken.Kind.STRING) {
            return TypeNames.parse(token.literal());
        }
        if (!token.isName()) {
            throw notUnderstood();
        }
        boolean generic = at < tokens.size() && tokens.get(at).isSymbol('<');
        return generic ? generic(token.name()) : named(token);
    }

    private CassandraType named(CqlToken token) {
        String name = token.name();
        UserType userType = userTypes.get(name);
        boolean quoted = token.kind() == CqlToken.Kind.QUOTED;
        // "empty" is no CQL type, but what DESCRIBE prints for a value column without values.
        if (userType != null && (quoted || name.equals("empty"))) {
            return userType;
        }
        Optional<CassandraType> plain = quoted ? Optional.empty() : NativeTypes.findByCqlName(name);
        if (plain.isPresent()) {
            return plain.get();
        }
        if (userType == null) {
            throw new IllegalArgumentException("there is no type " + token.text());
        }
        return userType;
    }

    private CassandraType generic(String name) {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "frozen":
                return parameters(1).get(0).freeze();
            case "list":
                return CollectionType.list(parameters(1).get(0));
            case "set":
                return CollectionType.set(parameters(1).get(0));
            case "map":
                List<CassandraType> pair = parameters(2);
                return CollectionType.map(pair.get(0), pair.get(1));
            case "tuple":
                return new TupleType(parameters(0));
            case "vector":
                return vector();
            default:
                throw notUnderstood();
        }
    }

    private CassandraType vector() {
        at++;
        CassandraType elements = type();
        expect(',');
        CqlToken dimension = next();
        expect('>');
        return new VectorType(elements, Integer.parseInt(dimension.text()));
    }

    /** @param count how many there must be; 0 for any */
    private List<CassandraType> parameters(int count) {
        List<CassandraType> out = new ArrayList<>();
        do {
            at++;
            out.add(type());
        } while (at < tokens.size() && tokens.get(at).isSymbol(','));
        expect('>');
        if (count != 0 && out.size() != count) {
            throw notUnderstood();
        }
        return out;
    }

    private void expect(char symbol) {
        if (!next().isSymbol(symbol)) {
            throw notUnderstood();
        }
    }

    private CqlToken next() {
        if (at >= tokens.size()) {
            throw notUnderstood();
        }
        return tokens.get(at++);
    }

    private IllegalArgumentException notUnderstood() {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(text.length() == 0 ? "" : " ").append(token.text()));
        return new IllegalArgumentException("[" + text + "] is not understood as a type");
    }
}
