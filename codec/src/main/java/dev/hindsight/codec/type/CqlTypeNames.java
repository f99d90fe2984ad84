package dev.hindsight.codec.type;

import java.util.List;
import java.util.stream.Collectors;

/** Types as CQL writes them, for people: {@code frozen<map<text, int>>}. No state. */
public final class CqlTypeNames {
    private CqlTypeNames() {}

    public static String of(CassandraType type) {
        if (type instanceof ReversedType reversed) {
            return of(reversed.base());
        }
        if (type instanceof CollectionType collection) {
            String name = collection.isMap()
                    ? "map<" + of(collection.partType(0)) + ", " + of(collection.partType(1)) + ">"
                    : (collection.showsPaths() ? "set<" : "list<") + of(collection.elementType()) + ">";
            return type.isMultiCell() ? name : "frozen<" + name + ">";
        }
        if (type instanceof TupleType tuple) {
            return joined("tuple<", tuple.fieldTypes());
        }
        if (type instanceof UserType user) {
            return type.isMultiCell() ? user.name() : "frozen<" + user.name() + ">";
        }
        if (type instanceof VectorType vector) {
            return "vector<" + of(vector.elementType()) + ", " + vector.dimension() + ">";
        }
        if (type instanceof CompositeType composite) {
            return joined("(", composite.types()).replaceFirst(">$", ")");
        }
        return NativeTypes.cqlName(type).orElse(type.className());
    }

    private static String joined(String before, List<CassandraType> types) {
        return types.stream().map(CqlTypeNames::of).collect(Collectors.joining(", ", before, ">"));
    }
}
